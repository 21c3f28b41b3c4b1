// Authd serves the auth service on the network.
package main

import (
	"context"
	"os"

	"github.com/alecthomas/kong"

	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/program"
	"atrium.internal/proto/access"
	"atrium.internal/services/auth"
)

var cli struct {
	program.Settings `embed:""`
	Replica          pgdb.Replica `embed:""`
	Auth             auth.Config  `embed:""`
	Listen           string       `name:"auth-listen" env:"ATRIUM_AUTH_LISTEN" default:"127.0.0.1:7101" help:"Address and port to serve gRPC on."`
	Metrics          string       `name:"auth-metrics-listen" env:"ATRIUM_AUTH_METRICS_LISTEN" default:"127.0.0.1:9091" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	PublicURL        string       `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
}

func main() {
	program.Main(&cli, "authd", "Accounts and sessions of Atrium.", func(ctx context.Context, _ *kong.Context) error {
		cli.Auth.PublicURL = cli.PublicURL
		return program.Serve(ctx, cli.Settings, "auth", program.Addresses{GRPC: cli.Listen, Metrics: cli.Metrics}, program.Contract{Access: access.Of, Movable: access.Movable}, func(b program.Base) (program.Service, error) {
			service, err := auth.New(cli.Auth, auth.Deps{Log: b.Log, DatabaseURL: b.DatabaseURL, Replica: cli.Replica, Redis: b.Redis, Key: b.Key, Keyring: b.Keyring})
			if err != nil {
				return nil, err
			}
			b.Group.Add("first administrator", lifecycle.Func{OnStart: func(context.Context) error {
				if email, password, created := service.FirstAdmin(); created {
					program.PrintFirstAdmin(os.Stdout, email, password)
				}
				return nil
			}})
			return service, nil
		})
	})
}
