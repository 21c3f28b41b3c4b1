// Aid serves the ai service on the network.
package main

import (
	"context"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/program"
	"atrium.internal/proto/access"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ai"
)

var cli struct {
	program.Settings `embed:""`
	Replica          pgdb.Replica `embed:""`
	AI               ai.Config    `embed:""`
	DataDir          string       `name:"data-dir" env:"ATRIUM_DATA_DIR" default:".atrium" help:"Folder for what the ledger does not have yet."`
	Listen           string       `name:"ai-listen" env:"ATRIUM_AI_LISTEN" default:"127.0.0.1:7104" help:"Address and port to serve gRPC on."`
	Auth             string       `name:"auth-addr" env:"ATRIUM_AUTH_ADDR" default:"127.0.0.1:7101" help:"Where the auth service serves gRPC; it sends mail."`
	Metrics          string       `name:"ai-metrics-listen" env:"ATRIUM_AI_METRICS_LISTEN" default:"127.0.0.1:9094" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
}

func main() {
	program.Main(&cli, "aid", "Models and the usage ledger of Atrium.", func(ctx context.Context, _ *kong.Context) error {
		cli.AI.DataDir = cli.DataDir
		return program.Serve(ctx, cli.Settings, "ai", program.Addresses{GRPC: cli.Listen, Metrics: cli.Metrics}, program.Contract{Access: access.Of, Movable: access.Movable}, func(b program.Base) (program.Service, error) {
			auth, err := b.Dial("auth", cli.Auth)
			if err != nil {
				return nil, err
			}
			return ai.New(cli.AI, ai.Deps{Log: b.Log, DatabaseURL: b.DatabaseURL, Replica: cli.Replica, Key: b.Key, Auth: authv1.NewAuthServiceClient(auth)})
		})
	})
}
