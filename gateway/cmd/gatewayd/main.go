// Gatewayd serves the gateway in front of services on the network.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"os"

	"github.com/alecthomas/kong"
	"google.golang.org/grpc"

	"atrium.internal/gateway"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/logx"
	"atrium.internal/pkg/mtls"
	"atrium.internal/pkg/otelx"
	"atrium.internal/pkg/program"
	"atrium.internal/pkg/redisdb"
)

var cli struct {
	logx.Settings     `embed:""`
	Telemetry         otelx.Settings `embed:""`
	Metrics           string         `name:"metrics-listen" env:"ATRIUM_METRICS_LISTEN" default:"127.0.0.1:9090" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	Gateway           gateway.Config `embed:""`
	Stop              drain.Settings `embed:""`
	MTLS              mtls.Settings  `embed:""`
	RedisURL          config.Secret  `name:"redis-url" env:"REDIS_URL" required:"" help:"Redis, as a redis://, rediss:// or unix:// URL."`
	IdentityKey       string         `name:"identity-key" env:"ATRIUM_IDENTITY_KEY" required:"" help:"File with the gateway's private identity keys (PEM); made when absent, read again when it changes."`
	IdentityPublicKey string         `name:"identity-public-key" env:"ATRIUM_IDENTITY_PUBLIC_KEY" required:"" help:"File or folder for their public halves, which the services read."`
	Auth              string         `name:"auth-addr" env:"ATRIUM_AUTH_ADDR" default:"127.0.0.1:7101" help:"Where the auth service serves gRPC; several addresses with commas between them share the calls."`
	Chat              string         `name:"chat-addr" env:"ATRIUM_CHAT_ADDR" default:"127.0.0.1:7102" help:"Where the chat service serves gRPC; several addresses with commas between them share the calls."`
	IDE               string         `name:"ide-addr" env:"ATRIUM_IDE_ADDR" default:"127.0.0.1:7103" help:"Where the ide service serves gRPC; several addresses with commas between them share the calls."`
	IDEData           []string       `name:"ide-data-addr" env:"ATRIUM_IDE_DATA_ADDR" default:"127.0.0.1:7113" help:"Where the ide service serves workspaces' byte streams; of several addresses with commas between them the first that answers."`
	AI                string         `name:"ai-addr" env:"ATRIUM_AI_ADDR" default:"127.0.0.1:7104" help:"Where the ai service serves gRPC; several addresses with commas between them share the calls."`
}

func main() {
	program.Main(&cli, "gatewayd", "The one door of Atrium.", run)
}

func run(ctx context.Context, _ *kong.Context) error {
	log, err := logx.New(os.Stderr, cli.Settings)
	if err != nil {
		return err
	}
	deps := gateway.Deps{
		Log: log.With("service", "gateway"), WorkspaceAddresses: cli.IDEData,
		Ready: map[string]func(context.Context) error{}, Drain: drain.New(cli.Stop),
	}
	if deps.Redis, err = redisdb.Open(cli.RedisURL); err != nil {
		return err
	}
	defer deps.Redis.Close()
	if err := keys.EnsureIdentity(cli.IdentityKey, cli.IdentityPublicKey); err != nil {
		return err
	}
	if deps.Identity, err = keys.OpenPrivate(deps.Log, cli.IdentityKey); err != nil {
		return err
	}
	endpoint, err := mtls.Open(cli.MTLS, "gateway", deps.Log)
	if err != nil {
		return err
	}
	deps.WorkspaceTLS = func() *tls.Config { return endpoint.Client("ide") }
	for _, service := range []struct {
		name, address string
		conn          *grpc.ClientConnInterface
	}{
		{"auth", cli.Auth, &deps.Auth}, {"chat", cli.Chat, &deps.Chat}, {"ide", cli.IDE, &deps.IDE}, {"ai", cli.AI, &deps.AI},
	} {
		conn, err := grpcx.Dial(service.address, endpoint.Dial(service.name))
		if err != nil {
			return err
		}
		defer conn.Close()
		*service.conn, deps.Ready[service.name] = conn, grpcx.Reachable(conn)
	}
	deps.Ready["redis"] = func(ctx context.Context) error { return deps.Redis.Ping(ctx).Err() }
	return serve(ctx, deps, endpoint)
}

func serve(ctx context.Context, deps gateway.Deps, endpoint *mtls.Endpoint) error {
	group := &lifecycle.Group{Log: deps.Log, Grace: cli.Stop.Grace}
	if err := program.Observe(group, cli.Telemetry, "gateway", "ATRIUM_METRICS_LISTEN", cli.Metrics, nil, deps.Log); err != nil {
		return err
	}
	program.WatchCertificate(group, endpoint, deps.Log)
	g, err := gateway.New(cli.Gateway, deps)
	if err != nil {
		return err
	}
	listener, err := program.Listen(cli.Gateway.Listen)
	if err != nil {
		return err
	}
	group.Add("gateway", g)
	group.Add("http", g.Server(listener, group.Fail))
	if err := group.Start(ctx); err != nil {
		return err
	}
	deps.Log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "url", cli.Gateway.PublicURL)
	return errors.Join(group.Wait(ctx), group.Stop(context.Background()))
}
