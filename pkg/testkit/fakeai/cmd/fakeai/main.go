// Command fakeai serves the fake AI provider on its own, for tests that reach
// the platform through a browser. Prompts script it: see fakeai.ParseDirectives.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"atrium.internal/pkg/testkit/fakeai"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "TCP address to listen on")
	key := flag.String("key", "", "API key that callers must present; empty takes any")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := fakeai.Start(fakeai.Options{Listen: *listen, Key: *key})
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Printf("anthropic %s\nopenai %s\n", server.AnthropicURL(), server.OpenAIURL())
	<-ctx.Done()
	return nil
}
