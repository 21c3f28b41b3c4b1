// Workspace-keeper is the first process of a workspace's container: it starts
// the editor that its driver tells it, and cleans up after everything inside.
// Build it with CGO_ENABLED=0, because it runs on whatever the image is made of.
package main

import (
	"fmt"
	"os"

	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

func main() {
	code, err := keeper.Run(vscode.InsideRun)
	if err != nil {
		fmt.Fprintln(os.Stderr, "workspace-keeper:", err)
		os.Exit(1)
	}
	os.Exit(code)
}
