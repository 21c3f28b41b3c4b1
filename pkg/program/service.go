package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/health"
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
	Stop              drain.Settings `embed:""`
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

// Depending is a Service that depends on more than Postgres, Redis and the
// services that it dials.
type Depending interface {
	Dependencies() map[string]func(context.Context) error
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

	stop     drain.Settings
	endpoint *mtls.Endpoint
	conns    *[]*grpc.ClientConn
	ready    map[string]func(context.Context) error
}

// Dial makes a connection to another service, which ends with this one.
func (b Base) Dial(service, address string) (*grpc.ClientConn, error) {
	conn, err := grpcx.Dial(address, b.endpoint.Dial(service))
	if err == nil {
		*b.conns = append(*b.conns, conn)
		b.ready[service] = grpcx.Reachable(conn)
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

// checkPatience is less than probes have.
const checkPatience = 500 * time.Millisecond

// Contract is what a service's contract says of its methods, by their full names.
type Contract struct {
	Access grpcx.Access
	// Movable says which calls another replica can go on with.
	Movable func(fullMethod string) bool
}

// Serve runs a service on the network until ctx ends. The name is its audience.
func Serve(ctx context.Context, s Settings, name string, at Addresses, contract Contract, build func(Base) (Service, error)) error {
	base, err := open(s, name)
	if err != nil {
		return err
	}
	defer base.close()
	leaving := drain.New(s.Stop)
	state := &health.Health{Log: base.Log, Checks: base.ready, Stopping: leaving.Stopping, Advisory: true, Patience: checkPatience}
	state.Starting(true)
	group := &lifecycle.Group{Log: base.Log, Grace: s.Stop.Grace}
	if err := Observe(group, s.Telemetry, name, "ATRIUM_"+strings.ToUpper(name)+"_METRICS_LISTEN", at.Metrics, state, base.Log); err != nil {
		return err
	}
	service, err := build(base)
	if err != nil {
		return err
	}
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: base.Log, Verifier: base.Verifier, Access: contract.Access, Refusals: service.Refusals(),
		Extra: append(base.endpoint.ServerOptions(), grpcx.Moving(leaving, contract.Movable)),
	})
	if err != nil {
		return err
	}
	service.Register(server)
	base.ready["postgres"] = service.Ready
	if more, ok := service.(Depending); ok {
		maps.Copy(base.ready, more.Dependencies())
	}
	base.ready["redis"] = func(ctx context.Context) error { return base.Redis.Ping(ctx).Err() }
	WatchCertificate(group, base.endpoint, base.Log)
	listener, err := Listen(at.GRPC)
	if err != nil {
		return err
	}
	group.Add(name, service)
	group.Add("grpc", &lifecycle.GRPC{Server: server, Listener: listener, Fail: group.Fail, Leave: leaving.Leave})
	group.Add("rest", base.Group)
	group.Add("unready", lifecycle.Func{OnStop: func(context.Context) error { leaving.Announce(); return nil }})
	if err := group.Start(ctx); err != nil {
		return err
	}
	state.Starting(false)
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
		stop: s.Stop, endpoint: endpoint, conns: &[]*grpc.ClientConn{}, ready: map[string]func(context.Context) error{},
		Log: log.With("service", name), DatabaseURL: s.DatabaseURL, Redis: client, Key: key, Keyring: ring,
		Verifier: identity.NewRotatingVerifier(public, name, nil), Group: &lifecycle.Group{Log: log, Grace: s.Stop.Grace},
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
