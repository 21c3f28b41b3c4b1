package assembly

import (
	"context"
	"errors"
	"log/slog"
	"maps"

	goredis "github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/gateway"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/program"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ai"
	"atrium.internal/services/auth"
	"atrium.internal/services/chat"
	"atrium.internal/services/ide"
)

// App is the running platform.
type App struct {
	config    Config
	log       *slog.Logger
	dir       *dataDir
	databases *databases
	redis     *goredis.Client
	group     *lifecycle.Group
	auth      *auth.Service
}

// Start starts everything and returns when it serves. The caller must Stop it.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (app *App, err error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	app = &App{config: cfg, log: log, group: &lifecycle.Group{Log: log, Grace: cfg.Stop.Grace}}
	defer func() {
		if err != nil {
			err = errors.Join(err, app.Stop(context.WithoutCancel(ctx)))
		}
	}()
	// First, so that a taken port changes nothing.
	listener, err := program.Listen(cfg.Gateway.Listen)
	if err != nil {
		return app, err
	}
	if err := program.Observe(app.group, cfg.Telemetry, "atrium", "ATRIUM_METRICS_LISTEN", cfg.Metrics, nil, log); err != nil {
		return app, errors.Join(err, listener.Close())
	}
	if app.dir, err = openDataDir(cfg.DataDir); err != nil {
		return app, errors.Join(err, listener.Close())
	}
	if app.databases, err = startDatabases(ctx, &app.config, log); err != nil {
		return app, errors.Join(err, listener.Close())
	}
	door, err := app.assemble()
	if err != nil {
		return app, errors.Join(err, listener.Close())
	}
	app.group.Add("gateway", door)
	app.group.Add("http", door.Server(listener, app.group.Fail))
	return app, app.group.Start(ctx)
}

// FirstAdmin gives the administrator that this start made, if it made one; the
// password is shown once and kept nowhere.
func (a *App) FirstAdmin() (email, password string, created bool) { return a.auth.FirstAdmin() }

// URL is where browsers reach the platform.
func (a *App) URL() string { return a.config.Gateway.PublicURL }

// Wait blocks until ctx ends or a part fails, and gives that failure.
func (a *App) Wait(ctx context.Context) error { return a.group.Wait(ctx) }

// Stop stops everything, the gateway first and the databases last. Workspaces
// go on.
func (a *App) Stop(ctx context.Context) error {
	faults := []error{a.group.Stop(ctx)}
	if a.redis != nil {
		faults = append(faults, a.redis.Close())
	}
	if a.databases != nil {
		faults = append(faults, a.databases.stop(ctx))
	}
	if a.dir != nil {
		faults = append(faults, a.dir.close())
	}
	return errors.Join(faults...)
}

// assemble is the map: what each module stands on, in the order of starting.
func (a *App) assemble() (*gateway.Gateway, error) {
	key, created, err := keys.LoadOrCreate(a.config.KeyFile)
	if err != nil {
		return nil, err
	}
	if created {
		a.log.Info("made a new deployment key; keep a copy of it", "setting", "ATRIUM_KEY_FILE", "file", a.config.KeyFile)
	}
	ring, err := seal.OpenKeyring(a.log, a.config.KeyFile)
	if err != nil {
		return nil, err
	}
	signing, public, err := openIdentity(a.log, a.config.DataDir)
	if err != nil {
		return nil, err
	}
	if a.redis, err = redisdb.Open(a.config.RedisURL); err != nil {
		return nil, err
	}
	wire := wiring{app: a, public: public}
	db, replica, cache := a.config.DatabaseURL, a.config.Replica, a.redis

	a.auth, err = auth.New(a.config.Auth, auth.Deps{Log: a.named("auth"), DatabaseURL: db, Replica: replica, Redis: cache, Key: key, Keyring: ring})
	authAs := wire.serve("auth", a.auth, err)

	aiService, err := ai.New(a.config.AI, ai.Deps{Log: a.named("ai"), DatabaseURL: db, Replica: replica, Key: key, Auth: authv1.NewAuthServiceClient(authAs("ai"))})
	aiAs := wire.serve("ai", aiService, err)

	chatService, err := chat.New(a.config.Chat, chat.Deps{Log: a.named("chat"), DatabaseURL: db, Redis: cache, Key: key, Keyring: ring, AI: aiv1.NewAIServiceClient(aiAs("chat"))})
	chatAs := wire.serve("chat", chatService, err)

	ideService, err := ide.New(a.config.IDE, ide.Deps{Log: a.named("ide"), DatabaseURL: db, Replica: replica, Redis: cache, Key: key, AI: aiv1.NewAIServiceClient(aiAs("ide")), Auth: authv1.NewAuthServiceClient(authAs("ide"))})
	ideAs := wire.serve("ide", ideService, err)

	authConn, chatConn, ideConn, aiConn := authAs("gateway"), chatAs("gateway"), ideAs("gateway"), aiAs("gateway")
	if wire.err != nil {
		return nil, wire.err
	}
	ready := map[string]func(context.Context) error{
		"auth": a.auth.Ready, "ai": aiService.Ready, "chat": chatService.Ready, "ide": ideService.Ready,
		"postgres": a.auth.Ready, "redis": func(ctx context.Context) error { return cache.Ping(ctx).Err() },
	}
	maps.Copy(ready, a.auth.Dependencies())
	maps.Copy(ready, ideService.Dependencies())
	return gateway.New(a.config.Gateway, gateway.Deps{
		Log: a.named("gateway"), Redis: cache, Identity: signing, Workspaces: ideService, Drain: drain.New(a.config.Stop),
		Auth: authConn, Chat: chatConn, IDE: ideConn, AI: aiConn,
		Ready: ready,
	})
}

func (a *App) named(service string) *slog.Logger { return a.log.With("service", service) }

// wiring puts services on in-process servers; the first fault stays.
type wiring struct {
	app    *App
	public identity.PublicKeys
	err    error
}

// serve adds the service and its server to the group, and gives what makes the
// connections by which the others, by name, reach it.
func (w *wiring) serve(name string, service program.Service, err error) func(caller string) grpc.ClientConnInterface {
	none := func(string) grpc.ClientConnInterface { return nil }
	if w.err = errors.Join(w.err, err); w.err != nil {
		return none
	}
	server, err := inproc.NewServer(grpcx.ServerOptions{
		Log: w.app.named(name), Verifier: identity.NewRotatingVerifier(w.public, name, nil), Access: access.Of,
		Refusals: service.Refusals(),
	})
	if err != nil {
		w.err = err
		return none
	}
	service.Register(server)
	w.app.group.Add(name, service)
	w.app.group.Add(name+" grpc", server)
	return server.ConnectAs
}
