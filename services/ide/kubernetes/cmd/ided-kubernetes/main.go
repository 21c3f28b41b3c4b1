// Ided-kubernetes is ided with workspaces in a Kubernetes cluster.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/program"
	"atrium.internal/services/ide"
	"atrium.internal/services/ide/daemon"
	"atrium.internal/services/ide/kubernetes"
)

var cli struct {
	daemon.Settings `embed:""`
	Kubernetes      kubernetes.Config `embed:""`
}

func main() {
	program.Main(&cli, "ided-kubernetes", "Workspaces of Atrium, in a Kubernetes cluster.", func(ctx context.Context, _ *kong.Context) error {
		return cli.Serve(ctx, func(b program.Base) (ide.Backend, error) {
			return kubernetes.NewBackend(cli.Kubernetes, cli.IDE, keys.Derive(b.Key, "ide pods"), b.Log)
		})
	})
}
