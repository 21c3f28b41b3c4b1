// Workspace-keeper is the first process of a workspace's container: it starts
// the editor that its driver tells it, and cleans up after everything inside. In
// a sandbox of another kind, "workspace-keeper hold <run folder> <folder> <command…>"
// runs the command and shows terminals on a socket in the run folder, and
// "workspace-keeper warm <run folder> <command…>" does before its user is known.
// In a pod, "workspace-keeper prepare" lays out the user's volume, "workspace-keeper
// pod" is the first process, and "workspace-keeper files" that of a pod which serves
// a user's files while no workspace runs that could.
// Build it with CGO_ENABLED=0, because it runs on whatever the image is made of.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/pod"
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
	switch {
	case len(args) == 1 && slices.Contains([]string{"prepare", "pod", "files"}, args[0]):
		return inPod(args[0])
	case args[0] == "hold" && len(args) >= 4:
		return keeper.Hold(args[1], args[2], args[3:])
	case args[0] == "warm" && len(args) >= 3:
		return keeper.Warm(args[1], args[2:])
	}
	return 0, errors.New("usage: workspace-keeper [hold <run folder> <folder> <command…> | warm <run folder> <command…> | prepare | pod | files]")
}

func inPod(do string) (int, error) {
	c, err := pod.Read()
	if err != nil {
		return 0, err
	}
	switch do {
	case "prepare":
		return 0, pod.Prepare(pod.Volume, filepath.Join(pod.Dir, pod.SeedFile), c)
	case "files":
		return 0, keeper.RunFiles(pod.Volume, c)
	}
	return keeper.RunPod(vscode.InsideRun, vscode.Inside(c.Folder).Project, c)
}
