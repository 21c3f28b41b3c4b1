package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/aiclient"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/eventlog"
	"atrium.internal/services/chat/internal/grpcapi"
	"atrium.internal/services/chat/internal/live"
	"atrium.internal/services/chat/internal/livebus"
	"atrium.internal/services/chat/internal/naming"
	"atrium.internal/services/chat/internal/pdftext"
	"atrium.internal/services/chat/internal/pgstore"
	"atrium.internal/services/chat/internal/prompt"
	"atrium.internal/services/chat/internal/share"
	"atrium.internal/services/chat/internal/stopbell"
	"atrium.internal/services/chat/internal/turn"
	"atrium.internal/services/chat/internal/window"
)

// forgetEvery is how often expired idempotency keys are removed.
const forgetEvery = time.Hour

// purgeEvery is how often deleted conversations are looked for that go for good.
const purgeEvery = time.Minute

// Deps is what the service needs from its process.
type Deps struct {
	Log         *slog.Logger
	DatabaseURL config.Secret
	Redis       *redis.Client
	// Key is the deployment's 32-byte secret.
	Key []byte
	// Keyring seals what must be unreadable at rest.
	Keyring *seal.Keyring
	AI      aiv1.AIServiceClient
}

// Service is the chat service.
type Service struct {
	deps     Deps
	pool     *pgxpool.Pool
	sealed   *seal.Keys
	store    *pgstore.Store
	logs     *eventlog.Hub
	bell     *stopbell.Bell
	bus      *livebus.Bus
	turns    *turn.Runner
	server   *grpcapi.Server
	refusals *audit.Refusals
	measures *measures

	stop context.CancelFunc
	done sync.WaitGroup
	once sync.Once
	err  error
}

// New puts the service together. It does no I/O.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	site, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	pool, err := pgdb.Open(deps.DatabaseURL, pgstore.Schema)
	if err != nil {
		return nil, err
	}
	dataKeys := seal.New(pool, pgstore.Schema, deps.Keyring)
	store := pgstore.New(pool, dataKeys)
	logs := eventlog.New(deps.Log, deps.Redis, store, dataKeys)
	counts, err := newMeasures(logs.Readers)
	if err != nil {
		return nil, err
	}
	bell := stopbell.New(deps.Log, deps.Redis)
	bus := livebus.New(deps.Log, deps.Redis)
	model := aiclient.New(deps.AI)
	windows := window.NewPacker(deps.Log, store, model)
	namer := naming.New(deps.Log, store, model, live.Herald{Bus: bus})
	turns := turn.NewRunner(deps.Log, countedStore{store, counts}, logs, model, windows, bell, namer, turn.Options{
		Instance: cfg.Instance, Timeout: cfg.TurnTimeout, Drain: cfg.Drain, Herald: countedTurns{live.Herald{Bus: bus}, counts},
	})
	keeper := conversation.NewKeeper(store, store, turns, live.Herald{Bus: bus})
	return &Service{
		deps: deps, pool: pool, sealed: dataKeys, store: store, logs: logs, bell: bell, bus: bus, turns: turns,
		server: grpcapi.New(grpcapi.Parts{
			Keeper: keeper, Turns: turns, Prompts: prompt.NewKeeper(store), Shares: share.NewKeeper(store, live.Herald{Bus: bus}),
			Files:   attachment.NewKeeper(store, pdftext.New(), attachment.Limits{Each: cfg.AttachmentSize, All: cfg.AttachmentQuota}),
			Texts:   store,
			Windows: windows,
			Watcher: &live.Watcher{Bus: bus, Conversations: store, Answers: turns, Running: store},
			Pages:   page.New(keys.Derive(deps.Key, "chat page tokens")), Site: site,
		}),
		refusals: audit.NewRefusals(deps.Log, pool), measures: counts,
		stop: func() {},
	}, nil
}

// Migrate brings the schemas chat and chat_keys to the newest version, once
// auth's is there. It needs the keyring to seal what was stored in plain.
func Migrate(ctx context.Context, url config.Secret, ring *seal.Keyring, log *slog.Logger) error {
	if err := seal.Migrate(ctx, url, pgstore.Schema, log); err != nil {
		return err
	}
	pool, err := pgdb.OpenForTask(url, pgstore.Schema)
	if err != nil {
		return err
	}
	defer pool.Close()
	dataKeys := seal.New(pool, pgstore.Schema, ring)
	defer dataKeys.Close()
	if err := dataKeys.Check(ctx); err != nil {
		return err
	}
	convert := func(ctx context.Context) error { return pgstore.New(pool, dataKeys).Convert(ctx, log) }
	return pgdb.Schema{
		Service: pgstore.Schema, Files: pgstore.Migrations(), Needs: []string{"audit.audit_log"},
		Steps: []pgdb.Step{{Version: pgstore.ConvertVersion, Do: convert}},
	}.Migrate(ctx, url, log)
}

// Register adds the service's RPCs to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { chatv1.RegisterChatServiceServer(r, s.server) }

// Refusals keeps word of the calls that the service's server refuses.
func (s *Service) Refusals() grpcx.Refusals { return s.refusals }

// Start migrates, closes the answers that this process left when it died, and
// returns when the service can answer.
func (s *Service) Start(ctx context.Context) error {
	if err := Migrate(ctx, s.deps.DatabaseURL, s.deps.Keyring, s.deps.Log); err != nil {
		return err
	}
	if err := s.turns.Sweep(ctx); err != nil {
		return fmt.Errorf("close orphaned answers: %w", err)
	}
	if err := s.store.Purge(ctx); err != nil {
		return err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.done.Go(func() { s.refusals.Run(background) })
	s.done.Go(func() { s.bell.Listen(background, s.turns.HaltHere) })
	s.done.Go(func() { s.every(background, turn.SweepEvery, "close orphaned answers", s.turns.Sweep) })
	s.done.Go(func() { s.bus.Listen(background) })
	s.done.Go(func() { s.every(background, purgeEvery, "purge deleted conversations", s.store.Purge) })
	s.done.Go(func() {
		if err := s.store.IndexOld(background, s.deps.Log); err != nil && background.Err() == nil {
			s.deps.Log.WarnContext(background, "older texts are not in the search index yet", "error", err)
		}
	})
	s.done.Go(func() { s.every(background, forgetEvery, "remove idempotency keys", s.store.ForgetKeys) })
	return nil
}

// Ready says whether the service can answer, naming what is missing.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// Stop lets running answers go on for a moment, interrupts what is left with
// its text saved, and ends the background work. It may be called twice.
func (s *Service) Stop(ctx context.Context) error {
	s.once.Do(func() {
		err := s.turns.Shutdown(ctx)
		s.stop()
		s.done.Wait()
		s.err = errors.Join(err, s.logs.Stop(), s.measures.gauges.Unregister())
		s.sealed.Close()
		s.pool.Close()
	})
	return s.err
}

func (s *Service) every(ctx context.Context, period time.Duration, task string, do func(context.Context) error) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "background task failed", "task", task, "error", err)
		}
	}
}
