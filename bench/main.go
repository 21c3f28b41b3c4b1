package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// comparison is one row of figures.
type comparison struct {
	name, about string
	run         func(ctx context.Context, r *rig) error
}

var comparisons = []comparison{
	{"session", "the check of a session, beside Ory Kratos' whoami", sessionCheck},
	{"revocation", "from a revocation's answer to the first refusal", revocation},
	{"messages", "messages that are stored and answered, beside rows that pgbench commits", messages},
	{"fanout", "many readers of one live answer", fanOut},
	{"login", "a login, beside the bare password hash of the same parameters", login},
	{"first-token", "what the way to a model adds to the first token, beside nginx", firstToken},
	{"throughput", "whole answers a second, beside nginx, and whether all are whole", throughput},
	{"start", "from a start to the workbench, beside code-server started by hand and by docker run", workspaceStart},
	{"terminal", "a key's echo in a workspace's terminal, beside a pseudo-terminal behind nginx", terminalEcho},
	{"cost", "what a user, a session, a stream and a workspace take of the machine", cost},
	{"answers", "answers given again, a crowd that asks the same, and leaving", answers},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == readFloodName {
		if err := readFlood(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 2 && servers[os.Args[1]] != nil {
		fmt.Fprintln(os.Stderr, serve(os.Args[1], os.Args[2], strings.Join(os.Args[3:], "")))
		os.Exit(1)
	}
	var cli struct {
		Rounds   int           `default:"5" help:"Interleaved rounds of each comparison."`
		Duration time.Duration `default:"3s" help:"Length of one measurement."`
		Streams  int           `default:"100000" help:"Answers that are held to be whole, for throughput."`
		Bin      string        `default:".cache/bin" help:"Folder of the built programs."`
		Peers    string        `default:".cache/bench" help:"Folder of the built peers; one that is missing is skipped, and said so."`
		VSCode   string        `name:"vscode" default:".cache/vscode" env:"ATRIUM_VSCODE_DIR" help:"Folder that deploy/vscode/install.sh installed to."`
		Names    []string      `arg:"" optional:"" help:"Comparisons to make; all without any."`
	}
	kong.Parse(&cli, kong.Description("Measures Atrium beside its peers."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &rig{out: os.Stdout, rounds: cli.Rounds, duration: cli.Duration, streams: cli.Streams, bin: cli.Bin, peers: cli.Peers, vscode: filepath.Join(cli.VSCode, "current")}
	err := r.start(ctx)
	for _, c := range comparisons {
		if err != nil {
			break
		}
		if len(cli.Names) > 0 && !contains(cli.Names, c.name) {
			continue
		}
		fmt.Fprintf(r.out, "\n## %s: %s\n\n", c.name, c.about)
		err = c.run(ctx, r)
	}
	r.stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
