// Workspace-keeper is the first process of a workspace's container: it starts
// the editor that its driver tells it, and cleans up after everything inside. In
// a sandbox of another kind, "workspace-keeper hold <run folder> <folder> <command…>"
// runs the command and shows terminals on a socket in the run folder.
// Build it with CGO_ENABLED=0, because it runs on whatever the image is made of.
package main

import (
	"errors"
	"fmt"
	"os"

	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "workspace-keeper:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return keeper.Run(vscode.InsideRun)
	}
	if args[0] != "hold" || len(args) < 4 {
		return 0, errors.New("usage: workspace-keeper [hold <run folder> <folder> <command…>]")
	}
	return keeper.Hold(args[1], args[2], args[3:])
}
