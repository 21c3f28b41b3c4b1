// Chatd serves the chat service on the network.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/program"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat"
)

var cli struct {
	program.Settings `embed:""`
	Chat             chat.Config `embed:""`
	PublicURL        string      `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
	Listen           string      `name:"chat-listen" env:"ATRIUM_CHAT_LISTEN" default:"127.0.0.1:7102" help:"Address and port to serve gRPC on."`
	Metrics          string      `name:"chat-metrics-listen" env:"ATRIUM_CHAT_METRICS_LISTEN" default:"127.0.0.1:9092" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	AI               string      `name:"ai-addr" env:"ATRIUM_AI_ADDR" default:"127.0.0.1:7104" help:"Where the ai service serves gRPC; several addresses with commas between them share the calls."`
}

func main() {
	program.Main(&cli, "chatd", "Conversations of Atrium.", func(ctx context.Context, _ *kong.Context) error {
		cli.Chat.PublicURL = cli.PublicURL
		return program.Serve(ctx, cli.Settings, "chat", program.Addresses{GRPC: cli.Listen, Metrics: cli.Metrics}, program.Contract{Access: access.Of, Movable: access.Movable}, func(b program.Base) (program.Service, error) {
			conn, err := b.Dial("ai", cli.AI)
			if err != nil {
				return nil, err
			}
			return chat.New(cli.Chat, chat.Deps{
				Log: b.Log, DatabaseURL: b.DatabaseURL, Redis: b.Redis, Key: b.Key, Keyring: b.Keyring, AI: aiv1.NewAIServiceClient(conn),
			})
		})
	})
}
