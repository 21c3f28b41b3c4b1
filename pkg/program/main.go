package program

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/config"
)

// Main reads the settings into cli and calls run until it returns or the
// program is told to end (SIGINT, SIGTERM). A failure is one line on standard
// error and exit status 1.
func Main(cli any, name, description string, run func(ctx context.Context, command *kong.Context) error) {
	keepDescriptors()
	collectAboveFloor()
	command, err := config.Parse(cli, name, description, os.Args[1:])
	if err == nil {
		ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer cancel()
		// Whoever tells it twice does not want to wait.
		defer context.AfterFunc(ctx, cancel)()
		err = run(ctx, command)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, oneLine(err))
		os.Exit(1)
	}
}

// oneLine joins what several faults say.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
