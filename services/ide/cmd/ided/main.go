// Ided serves the ide service on the network, and beside it the byte streams
// of running workspaces.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/program"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ide"
)

var cli struct {
	program.Settings `embed:""`
	IDE              ide.Config `embed:""`
	Listen           string     `name:"ide-listen" env:"ATRIUM_IDE_LISTEN" default:"127.0.0.1:7103" help:"Address and port to serve gRPC on."`
	Metrics          string     `name:"ide-metrics-listen" env:"ATRIUM_IDE_METRICS_LISTEN" default:"127.0.0.1:9093" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	DataListen       string     `name:"ide-data-listen" env:"ATRIUM_IDE_DATA_LISTEN" default:"127.0.0.1:7113" help:"Address and port to serve workspaces' byte streams on."`
	AI               string     `name:"ai-addr" env:"ATRIUM_AI_ADDR" default:"127.0.0.1:7104" help:"Where the ai service serves gRPC."`
	Auth             string     `name:"auth-addr" env:"ATRIUM_AUTH_ADDR" default:"127.0.0.1:7101" help:"Where the auth service serves gRPC."`
	DataDir          string     `name:"data-dir" env:"ATRIUM_DATA_DIR" default:".atrium" help:"Folder for users' files."`
	PublicURL        string     `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
	IDEDomain        string     `name:"ide-domain" env:"ATRIUM_IDE_DOMAIN" default:"ide.atrium.localhost:8080" help:"Domain, with its port, below which each workspace has a host of its own."`
}

func main() {
	program.Main(&cli, "ided", "Workspaces of Atrium.", func(ctx context.Context, _ *kong.Context) error {
		cli.IDE.DataDir, cli.IDE.PublicURL, cli.IDE.IDEDomain = cli.DataDir, cli.PublicURL, cli.IDEDomain
		return program.Serve(ctx, cli.Settings, "ide", program.Addresses{GRPC: cli.Listen, Metrics: cli.Metrics}, access.Of, func(b program.Base) (program.Service, error) {
			conn, err := b.Dial("ai", cli.AI)
			if err != nil {
				return nil, err
			}
			auth, err := b.Dial("auth", cli.Auth)
			if err != nil {
				return nil, err
			}
			service, err := ide.New(cli.IDE, ide.Deps{
				Log: b.Log, DatabaseURL: b.DatabaseURL, Redis: b.Redis, Key: b.Key, AI: aiv1.NewAIServiceClient(conn),
				Auth: authv1.NewAuthServiceClient(auth),
			})
			if err != nil {
				return nil, err
			}
			return service, program.ServeTunnels(b, cli.DataListen, service.DialWorkspace)
		})
	})
}
