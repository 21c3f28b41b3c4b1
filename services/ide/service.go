package ide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/version"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/aiclient"
	"atrium.internal/services/ide/internal/answercache"
	"atrium.internal/services/ide/internal/authclient"
	"atrium.internal/services/ide/internal/codeassist"
	"atrium.internal/services/ide/internal/driver/vscode"
	"atrium.internal/services/ide/internal/editor"
	"atrium.internal/services/ide/internal/entry"
	"atrium.internal/services/ide/internal/grpcapi"
	"atrium.internal/services/ide/internal/pgstore"
	"atrium.internal/services/ide/internal/redisstore"
	"atrium.internal/services/ide/internal/template"
	"atrium.internal/services/ide/internal/window"
	"atrium.internal/services/ide/internal/workspace"
)

// Deps are what the service stands on.
type Deps struct {
	Log         *slog.Logger
	DatabaseURL config.Secret
	// Replica answers reads that may be a little old.
	Replica pgdb.Replica
	Redis   *redis.Client
	// Key is the deployment's key, 32 bytes.
	Key []byte
	AI  aiv1.AIServiceClient
	// Auth makes the workspaces' tokens.
	Auth authv1.AuthServiceClient
	// Backend runs the workspaces; nil for this machine.
	Backend Backend
}

// Service is the ide service.
type Service struct {
	config   Config
	deps     Deps
	pool     *pgxpool.Pool
	reads    *pgdb.Reads
	store    *pgstore.Memory
	driver   *sandboxes
	bus      *redisstore.Bus
	manager  *workspace.Manager
	spaces   *grpcapi.Workspaces
	files    *grpcapi.Files
	windows  *grpcapi.Windows
	code     *grpcapi.Code
	answers  *answercache.Model // nil: not kept
	near     answercache.Near   // of those
	janitor  janitor
	refusals *audit.Refusals
	seat     seat
	measures *measures
	stop     context.CancelFunc
	done     sync.WaitGroup
	stopOnce sync.Once
	stopErr  error
}

// New makes the service. It does no I/O.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := errors.Join(cfg.Validate(), cfg.placed()); err != nil {
		return nil, err
	}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public-url: %w", err)
	}
	measures, err := newMeasures()
	if err != nil {
		return nil, err
	}
	drv, err := newSandboxes(cfg, deps.Backend, public, measures.Claimed, deps.Log)
	if err != nil {
		return nil, err
	}
	pool, err := pgdb.Open(deps.DatabaseURL, pgstore.Schema)
	if err != nil {
		return nil, err
	}
	reads, err := pgdb.OpenReads(deps.Replica, pool, pgstore.Schema, deps.Log)
	if err != nil {
		return nil, err
	}
	s := &Service{
		config: cfg, deps: deps, pool: pool, reads: reads, store: pgstore.NewMemory(pgstore.New(pool).By(reads), deps.Log), driver: drv,
		bus: redisstore.NewBus(deps.Redis, deps.Log), refusals: audit.NewRefusals(deps.Log, pool), stop: func() {}, measures: measures,
	}
	s.janitor = janitor{store: s.store.Store, log: deps.Log}
	s.manager = workspace.New(workspace.Settings{
		DormantAfter: cfg.DormantAfter, DormantNotice: cfg.DormantNotice,
		AutostopAfter: cfg.AutostopAfter, StartTimeout: cfg.StartTimeout, Interval: reconcileEvery, Processes: cfg.Processes,
		Environment: cfg.environment(), PublicURL: strings.TrimSuffix(cfg.PublicURL, "/"),
	}, workspace.Deps{
		Store: s.store, Recent: s.store, Journal: s.store, Ledger: s.store, Removals: s.store, Shares: s.store, Leases: s.store, Bus: s.bus,
		Driver: drv, Volumes: drv.volumes, Editor: editor.Probe{Every: 5 * time.Millisecond},
		Templates: template.Set{}, Tokens: tokens(deps.Auth), Notices: notices(deps.Auth), Observer: s.measures, Log: deps.Log,
	})
	if err := s.measures.watch(s.manager.Load, drv.warm); err != nil {
		return nil, err
	}
	s.spaces = &grpcapi.Workspaces{
		Manager: s.manager,
		Door: &entry.Door{
			Scheme: public.Scheme, Domain: strings.ToLower(cfg.IDEDomain), Workspaces: s.manager,
			Tickets: redisstore.Tickets{Client: deps.Redis}, Sessions: s.store, Now: time.Now,
		},
		Pages: page.New(keys.Derive(deps.Key, "ide page tokens")), Preferences: s.store.Store,
	}
	s.files = &grpcapi.Files{Manager: s.manager}
	s.windows = &grpcapi.Windows{Windows: &window.Windows{
		Board: redisstore.Requests{Client: deps.Redis}, Bus: s.bus, Workspaces: s.manager,
	}, Opened: s.measures.Opened}
	s.code = &grpcapi.Code{Assistant: codeassist.Assistant{Model: s.model()}}
	return s, nil
}

// tokens is nil in a deployment, such as a test's, without an auth service.
func tokens(client authv1.AuthServiceClient) workspace.Tokens {
	if client == nil {
		return nil
	}
	return authclient.Tokens{Client: client}
}

// notices is nil likewise.
func notices(client authv1.AuthServiceClient) workspace.Notices {
	if client == nil {
		return nil
	}
	return authclient.Notices{Client: client}
}

// answersNear is how long a process gives an answer again without asking Redis:
// editors ask again within seconds.
const answersNear = time.Minute

// model answers the editor's questions: the ai service, and before it answers
// that were given before.
func (s *Service) model() codeassist.Model {
	asked := aiclient.Model{Client: s.deps.AI}
	if s.config.AnswerCache == 0 {
		return asked
	}
	near := min(answersNear, s.config.AnswerCache/2) // both together are not longer than the setting
	s.near = answercache.NewNear(redisstore.Answers{
		Client: s.deps.Redis, Key: keys.Derive(s.deps.Key, "ide answer cache"), For: s.config.AnswerCache - near,
	}, near)
	s.answers = answercache.New(asked, s.near, s.observeAnswers())
	return s.answers
}

// Register adds the service's RPCs.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	idev1.RegisterWorkspaceServiceServer(r, s.spaces)
	idev1.RegisterWorkspaceAdminServiceServer(r, &grpcapi.Admin{Workspaces: s.spaces, Isolation: s.driver})
	idev1.RegisterEditorSettingsServiceServer(r, &grpcapi.Preferences{Store: s.store.Store})
	idev1.RegisterFileServiceServer(r, s.files)
	idev1.RegisterTerminalServiceServer(r, &grpcapi.Terminals{Manager: s.manager})
	idev1.RegisterWindowServiceServer(r, s.windows)
	idev1.RegisterCodeServiceServer(r, s.code)
}

// Refusals keeps word of the calls that the service's server refuses.
func (s *Service) Refusals() grpcx.Refusals { return s.refusals }

// Migrate brings the service's schema up to date.
func Migrate(ctx context.Context, databaseURL config.Secret, log *slog.Logger) error {
	return pgstore.Migrate(ctx, databaseURL, log)
}

// Start migrates, tries the drivers, takes over the workspaces that run, and
// returns when calls can be served.
func (s *Service) Start(ctx context.Context) error {
	if err := Migrate(ctx, s.deps.DatabaseURL, s.deps.Log); err != nil {
		return err
	}
	s.driver.probe(ctx, s.deps.Log)
	if s.deps.Backend == nil { // elsewhere VS Code is in an image
		s.sameVersion(ctx)
	}
	if err := s.sit(); err != nil {
		return err
	}
	s.bus.Start()
	s.manager.Start(ctx)
	s.janitor.start()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.reads.Start(background)
	s.done.Go(func() { s.refusals.Run(background) })
	s.done.Go(func() { s.store.Listen(background) })
	return nil
}

// sit takes this service's seat, before it acts on any workspace.
func (s *Service) sit() (err error) {
	folder := filepath.Join(s.config.DataDir, "ide", "replicas")
	if s.deps.Backend != nil {
		folder = ""
	}
	if s.seat, err = takeSeat(s.config.DataDir, folder); err == nil {
		s.manager.ActAs(s.seat.replica)
	}
	return err
}

// sameVersion says when VS Code has the extension of another version of the
// platform: set-up installs both, but only a program knows which it is.
func (s *Service) sameVersion(ctx context.Context) {
	found, err := vscode.ExtensionVersion(s.config.VSCodeDir)
	switch {
	case err != nil:
		s.deps.Log.WarnContext(ctx, "workspaces have no AI in their editor", "error", err)
	case found != version.Version:
		s.deps.Log.WarnContext(ctx, "the extension of VS Code is of another version", "extension", found, "platform", version.Version)
	}
}

// Stop ends the service's own work; workspaces keep running.
func (s *Service) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() {
		s.janitor.stop()
		s.stopErr = errors.Join(s.manager.Stop(ctx), s.driver.Close(), s.measures.gauges.Unregister(), s.reads.Close())
		s.bus.Stop()
		if s.answers != nil {
			s.answers.Wait()
			s.near.Close()
		}
		s.stop()
		s.done.Wait()
		s.store.Close()
		s.pool.Close()
		s.stopErr = errors.Join(s.stopErr, s.seat.leave())
	})
	return s.stopErr
}

// Dependencies are what the service depends on beside Postgres and Redis.
func (s *Service) Dependencies() map[string]func(context.Context) error {
	all := s.driver.reach()
	maps.Copy(all, s.reads.Dependencies())
	return all
}

// Ready reports what the service can't reach.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.store.Ping(ctx); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// DialWorkspace connects to a port of a running workspace; port 0 is its VS
// Code. The caller has already found out whose it is.
func (s *Service) DialWorkspace(ctx context.Context, id uuid.UUID, port int) (net.Conn, error) {
	return s.manager.Dial(ctx, id, port)
}
