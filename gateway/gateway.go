package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/health"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/caller"
	"atrium.internal/gateway/certificate"
	"atrium.internal/gateway/files"
	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/proxy"
	"atrium.internal/gateway/rest"
	"atrium.internal/gateway/session"
	"atrium.internal/gateway/static"
)

// Deps is what the gateway stands on. The connections may lead through memory
// or over the network; it can't tell.
type Deps struct {
	Log   *slog.Logger
	Redis *redis.Client
	// Identity signs who calls are made for.
	Identity identity.PrivateKeys
	// Connections to the services.
	Auth, Chat, IDE, AI grpc.ClientConnInterface
	// Workspaces opens connections to running workspaces; nil goes through
	// WorkspaceAddresses, where the ide service serves them on the network.
	Workspaces         proxy.Dialer
	WorkspaceAddresses []string
	// WorkspaceTLS gives the configuration of one connection to it; nil, or one
	// that gives nil, is in the clear.
	WorkspaceTLS func() *tls.Config
	// Ready checks the dependencies by name, for /readyz; WorkspaceAddresses are
	// one more, "ide streams".
	Ready map[string]func(context.Context) error
	// Drain sends streams and WebSockets away when the gateway stops; nil does so
	// at once.
	Drain *drain.Drain
}

// Gateway is the platform's one door.
type Gateway struct {
	config   Config
	deps     Deps
	sessions *session.Store
	streams  *session.Streams
	clients  clients
	rest     http.Handler
	export   http.Handler
	files    *files.Handler
	static   http.Handler
	docs     http.HandlerFunc
	proxy    *proxy.Proxy
	users    *slots.Users
	acme     *certificate.ACME
	origin   *url.URL
	// separateSite says that workspaces are on another site than the platform.
	separateSite bool
	handler      http.Handler
	measure      func(http.Handler) http.Handler
	stop         context.CancelFunc
	running      sync.WaitGroup
	health       *health.Health
}

type clients struct {
	auth       authv1.AuthServiceClient
	admin      authv1.AdminServiceClient
	chat       chatv1.ChatServiceClient
	workspaces idev1.WorkspaceServiceClient
	code       idev1.CodeServiceClient
	everybodys idev1.WorkspaceAdminServiceClient
	terminals  idev1.TerminalServiceClient
	windows    idev1.WindowServiceClient
	ai         aiv1.AIServiceClient
	usage      aiv1.UsageAdminServiceClient
}

// New puts the gateway together. It does no I/O.
func New(cfg Config, deps Deps) (*Gateway, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	origin, err := cfg.publicOrigin()
	if err != nil {
		return nil, err
	}
	signer := caller.NewSigner(identity.NewRotatingSigner(deps.Identity, nil))
	conns := rest.Conns{
		Auth: caller.NewConn(deps.Auth, signer, "auth"),
		Chat: caller.NewConn(deps.Chat, signer, "chat", "ai"),
		IDE:  caller.NewConn(deps.IDE, signer, "ide", "ai"),
		AI:   caller.NewConn(deps.AI, signer, "ai"),
	}
	g := &Gateway{
		config: cfg, deps: deps, origin: origin, separateSite: separateSite(origin.Hostname(), withoutPort(cfg.IDEDomain)), streams: session.NewStreams(),
		users: slots.NewUsers(cfg.Traffic.UserRequests, cfg.Traffic.UserStreams),
	}
	if g.deps.Drain == nil {
		g.deps.Drain = &drain.Drain{}
	}
	g.health = &health.Health{Log: deps.Log, Checks: map[string]func(context.Context) error{}, Stopping: g.deps.Drain.Stopping}
	maps.Copy(g.health.Checks, deps.Ready)
	if cfg.TLS.ACMEEmail != "" {
		g.acme = g.newACME()
	}
	g.clients = clients{
		auth: authv1.NewAuthServiceClient(conns.Auth), chat: chatv1.NewChatServiceClient(conns.Chat),
		workspaces: idev1.NewWorkspaceServiceClient(conns.IDE), code: idev1.NewCodeServiceClient(conns.IDE),
		windows:    idev1.NewWindowServiceClient(conns.IDE),
		everybodys: idev1.NewWorkspaceAdminServiceClient(conns.IDE),
		terminals:  idev1.NewTerminalServiceClient(conns.IDE),
		ai:         aiv1.NewAIServiceClient(conns.AI), usage: aiv1.NewUsageAdminServiceClient(conns.AI), admin: authv1.NewAdminServiceClient(conns.Auth),
	}
	g.sessions = session.NewStore(deps.Redis, g.clients.auth, deps.Log)
	if g.rest, err = rest.New(context.Background(), conns, g.opened); err != nil {
		return nil, err
	}
	bind := func(r *http.Request, p principal.Principal) (context.Context, func()) {
		return g.streams.BindTo(r.Context(), session.Of(r, p))
	}
	g.export = rest.NewExport(conns, bind, deps.Log)
	g.files = &files.Handler{
		Client: idev1.NewFileServiceClient(conns.IDE), FileLimit: cfg.FileLimit, ArchiveLimit: cfg.ArchiveLimit, Bind: bind, Log: deps.Log,
	}
	if err := g.openWebApp(); err != nil {
		return nil, err
	}
	if deps.Workspaces == nil {
		ways := tunnels{addresses: deps.WorkspaceAddresses, signer: signer, secure: deps.WorkspaceTLS}
		deps.Workspaces, g.health.Checks["ide streams"] = ways, ways.reachable
	}
	workspaces := proxy.NewSessions(deps.Redis, g.clients.workspaces, g.sessions, deps.Log)
	g.proxy = proxy.New(proxy.Config{
		PublicOrigin: origin.String(), Scheme: origin.Scheme, SeparateSite: g.separateSite, Users: g.users, Drain: g.deps.Drain,
	},
		workspaces, g.streams, deps.Workspaces, deps.Log)
	if g.measure, err = measure.Middleware(); err != nil {
		return nil, err
	}
	g.handler = g.routes(origin)
	return g, nil
}

// Handler serves every host of the platform.
func (g *Gateway) Handler() http.Handler { return g.handler }

// Start begins to follow revocations.
func (g *Gateway) Start(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	g.stop = cancel
	g.running.Go(func() { g.streams.Follow(ctx, g.sessions, g.deps.Log) })
	g.running.Go(func() { g.streams.Recheck(ctx, g.sessions, g.deps.Log) })
	return nil
}

// Stop ends what Start began.
func (g *Gateway) Stop(context.Context) error {
	if g.stop != nil {
		g.stop()
	}
	g.running.Wait()
	return nil
}

// openWebApp finds the built-in pages; a binary without them serves the API alone.
func (g *Gateway) openWebApp() error {
	editor := static.InFrame
	if g.separateSite {
		editor = static.InTab
	}
	app, err := static.New(static.Options{Editor: editor, ServiceWorker: g.config.ServiceWorker, AssetsURL: strings.TrimRight(g.config.AssetsURL, "/")})
	if errors.Is(err, static.ErrNotBuilt) {
		g.deps.Log.Warn("no web app", "error", err)
		g.static, g.docs = static.NotBuilt(), static.NotBuilt().ServeHTTP
		return nil
	}
	if err != nil {
		return err
	}
	g.static, g.docs = app, app.APIDocs
	return nil
}
