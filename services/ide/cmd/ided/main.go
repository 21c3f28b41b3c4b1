// Ided serves the ide service on the network, and beside it the byte streams
// of running workspaces.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/program"
	"atrium.internal/services/ide/daemon"
)

var cli struct {
	daemon.Settings `embed:""`
}

func main() {
	program.Main(&cli, "ided", "Workspaces of Atrium.", func(ctx context.Context, _ *kong.Context) error {
		return cli.Serve(ctx, nil)
	})
}
