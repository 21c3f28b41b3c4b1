package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/logx"
	"atrium.internal/pkg/mtls"
	"atrium.internal/pkg/otelx"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/seal"
)

// Settings are those that every service of its own process has.
type Settings struct {
	logx.Settings     `embed:""`
	Telemetry         otelx.Settings `embed:""`
	DatabaseURL       config.Secret  `name:"database-url" env:"DATABASE_URL" required:"" help:"Postgres, as a postgres:// URL."`
	RedisURL          config.Secret  `name:"redis-url" env:"REDIS_URL" required:"" help:"Redis, as a redis://, rediss:// or unix:// URL."`
	KeyFile           string         `name:"key-file" env:"ATRIUM_KEY_FILE" required:"" help:"File with the deployment's key: 32 bytes in hexadecimal, the same for all services; after a rotation a line for each key, the current one first."`
	MTLS              mtls.Settings  `embed:""`
	IdentityPublicKey string         `name:"identity-public-key" env:"ATRIUM_IDENTITY_PUBLIC_KEY" required:"" help:"File with the gateway's public identity keys (PEM), or a folder of such *.pem files; read again when they change."`
}

// Service is what a service's root package gives.
type Service interface {
	lifecycle.Part
	Register(grpc.ServiceRegistrar)
	Ready(context.Context) error
	// Refusals keeps word of the calls that its server refuses.
	Refusals() grpcx.Refusals
}

// Base is what every service stands on.
type Base struct {
	Log         *slog.Logger
	DatabaseURL config.Secret
	Redis       *redis.Client
	// Key is the deployment's key, from which keys of single purposes derive.
	Key []byte
	// Keyring seals what must be unreadable at rest.
	Keyring *seal.Keyring
	// Verifier checks the identities of calls.
	Verifier *identity.Verifier
	// Group takes further parts, which start after the service itself.
	Group *lifecycle.Group

	endpoint *mtls.Endpoint
	conns    *[]*grpc.ClientConn
}

// Dial makes a connection to another service, which ends with this one.
func (b Base) Dial(service, address string) (*grpc.ClientConn, error) {
	conn, err := grpcx.Dial(address, b.endpoint.Dial(service))
	if err == nil {
		*b.conns = append(*b.conns, conn)
	}
	return conn, err
}

func (b Base) close() {
	for _, conn := range *b.conns {
		_ = conn.Close() // only says that it is closed already
	}
	_ = b.Redis.Close() // the program is ending
}

// Addresses are where a service serves: gRPC, and what Prometheus scrapes.
type Addresses struct{ GRPC, Metrics string }

// Serve runs a service on the network until ctx ends. The name is its audience.
func Serve(ctx context.Context, s Settings, name string, at Addresses, access grpcx.Access, build func(Base) (Service, error)) error {
	base, err := open(s, name)
	if err != nil {
		return err
	}
	defer base.close()
	group := &lifecycle.Group{Log: base.Log}
	health := &health{}
	if err := Observe(group, s.Telemetry, name, "ATRIUM_"+strings.ToUpper(name)+"_METRICS_LISTEN", at.Metrics, health, base.Log); err != nil {
		return err
	}
	service, err := build(base)
	if err != nil {
		return err
	}
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: base.Log, Verifier: base.Verifier, Access: access, Refusals: service.Refusals(), Extra: base.endpoint.ServerOptions(),
	})
	if err != nil {
		return err
	}
	service.Register(server)
	WatchCertificate(group, base.endpoint, base.Log)
	listener, err := Listen(at.GRPC)
	if err != nil {
		return err
	}
	group.Add(name, service)
	group.Add("grpc", &lifecycle.GRPC{Server: server, Listener: listener, Fail: group.Fail})
	group.Add("rest", base.Group)
	group.Add("health", health) // the last one: it has started when all has, and is the first to end
	if err := group.Start(ctx); err != nil {
		return err
	}
	base.Log.InfoContext(ctx, "serving", "service", name, "address", listener.Addr().String())
	return errors.Join(group.Wait(ctx), group.Stop(context.Background()))
}

func open(s Settings, name string) (Base, error) {
	log, err := logx.New(os.Stderr, s.Settings)
	if err != nil {
		return Base{}, err
	}
	client, err := redisdb.Open(s.RedisURL)
	if err != nil {
		return Base{}, err
	}
	key, created, err := keys.LoadOrCreate(s.KeyFile)
	if err != nil {
		return Base{}, err
	}
	if created {
		log.Info("made a new deployment key; keep a copy of it", "setting", "ATRIUM_KEY_FILE", "file", s.KeyFile)
	}
	ring, err := seal.OpenKeyring(log, s.KeyFile)
	if err != nil {
		return Base{}, err
	}
	public, err := keys.OpenPublic(log, s.IdentityPublicKey)
	if err != nil {
		return Base{}, err
	}
	endpoint, err := mtls.Open(s.MTLS, name, log)
	if err != nil {
		return Base{}, err
	}
	return Base{
		endpoint: endpoint, conns: &[]*grpc.ClientConn{},
		Log: log.With("service", name), DatabaseURL: s.DatabaseURL, Redis: client, Key: key, Keyring: ring,
		Verifier: identity.NewRotatingVerifier(public, name, nil), Group: &lifecycle.Group{Log: log},
	}, nil
}

// Listen binds a TCP address; a taken port is a plain error.
func Listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen on %s: %w", address, errors.Unwrap(err))
	}
	return listener, nil
}
