// Package daemon is the ide service as a program on the network, for every
// program that serves it: they differ in what runs the workspaces.
package daemon

import (
	"context"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/program"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ide"
)

// Settings are what an operator can set.
type Settings struct {
	program.Settings `embed:""`
	Replica          pgdb.Replica `embed:""`
	IDE              ide.Config   `embed:""`
	Listen           string       `name:"ide-listen" env:"ATRIUM_IDE_LISTEN" default:"127.0.0.1:7103" help:"Address and port to serve gRPC on."`
	Metrics          string       `name:"ide-metrics-listen" env:"ATRIUM_IDE_METRICS_LISTEN" default:"127.0.0.1:9093" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	DataListen       string       `name:"ide-data-listen" env:"ATRIUM_IDE_DATA_LISTEN" default:"127.0.0.1:7113" help:"Address and port to serve workspaces' byte streams on."`
	AI               string       `name:"ai-addr" env:"ATRIUM_AI_ADDR" default:"127.0.0.1:7104" help:"Where the ai service serves gRPC; several addresses with commas between them share the calls."`
	Auth             string       `name:"auth-addr" env:"ATRIUM_AUTH_ADDR" default:"127.0.0.1:7101" help:"Where the auth service serves gRPC; several addresses with commas between them share the calls."`
	DataDir          string       `name:"data-dir" env:"ATRIUM_DATA_DIR" default:".atrium" help:"Folder for users' files."`
	PublicURL        string       `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
	IDEDomain        string       `name:"ide-domain" env:"ATRIUM_IDE_DOMAIN" default:"ide.atrium.localhost:8080" help:"Domain, with its port, below which each workspace has a host of its own."`
}

// Serve serves until the context ends, and beside the service the byte streams
// of running workspaces. backend may be nil: then workspaces run on this machine.
func (s *Settings) Serve(ctx context.Context, backend func(program.Base) (ide.Backend, error)) error {
	s.IDE.DataDir, s.IDE.PublicURL, s.IDE.IDEDomain = s.DataDir, s.PublicURL, s.IDEDomain
	return program.Serve(ctx, s.Settings, "ide", program.Addresses{GRPC: s.Listen, Metrics: s.Metrics}, program.Contract{Access: access.Of, Movable: access.Movable}, func(b program.Base) (program.Service, error) {
		deps := ide.Deps{Log: b.Log, DatabaseURL: b.DatabaseURL, Replica: s.Replica, Redis: b.Redis, Key: b.Key}
		conn, err := b.Dial("ai", s.AI)
		if err != nil {
			return nil, err
		}
		auth, err := b.Dial("auth", s.Auth)
		if err != nil {
			return nil, err
		}
		deps.AI, deps.Auth = aiv1.NewAIServiceClient(conn), authv1.NewAuthServiceClient(auth)
		if backend != nil {
			if deps.Backend, err = backend(b); err != nil {
				return nil, err
			}
		}
		service, err := ide.New(s.IDE, deps)
		if err != nil {
			return nil, err
		}
		return service, program.ServeTunnels(b, s.DataListen, service.DialWorkspace)
	})
}
