package ai

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/grpc"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/pgdb"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/grpcapi"
	"atrium.internal/services/ai/internal/journal"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/provider/transport"
	"atrium.internal/services/ai/internal/telemetry"
	"atrium.internal/services/ai/internal/webhook"
)

// Deps is what the service needs from its process.
type Deps struct {
	Log         *slog.Logger
	DatabaseURL config.Secret
	// Replica answers reads that may be a little old.
	Replica pgdb.Replica
	// Key is the deployment's 32-byte secret.
	Key []byte
	// Auth sends mail; nil sends none.
	Auth authv1.AuthServiceClient
}

// Service is the ai service.
type Service struct {
	cfg       Config
	deps      Deps
	instance  string
	pool      *pgxpool.Pool
	reads     *pgdb.Reads
	client    *http.Client
	catalog   *generate.Catalog
	store     *pgstore.Store
	book      *ledger.Book
	generator *generate.Generator
	api       *grpcapi.Service
	admin     *grpcapi.Admin
	refusals  *audit.Refusals
	watch     *alert.Watch
	hook      *webhook.Hook // nil: none

	stop context.CancelFunc
	done sync.WaitGroup
}

// New puts the service together. Its only I/O is to make the journal's folder.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	instance := cfg.Instance
	if instance == "" {
		var err error
		if instance, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("ATRIUM_AI_INSTANCE: needed, the host has no name: %w", err)
		}
	}
	client := transport.NewClient(cfg.ConnectTimeout)
	catalog, err := newCatalog(cfg, client)
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
	budget, err := cfg.budget()
	if err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, deps: deps, instance: instance, pool: pool, reads: reads, client: client, catalog: catalog,
		store: pgstore.New(pool, instance).By(reads), stop: func() {},
	}
	if s.watch, err = newWatch(s, budget); err != nil {
		return nil, err
	}
	s.book = ledger.NewBook(s.store, time.Now).Within(budget).Watched(s.watch)
	if cfg.DataDir != "" {
		kept, err := journal.Open(filepath.Join(cfg.DataDir, "ai", url.PathEscape(instance)))
		if err != nil {
			deps.Log.Warn("without a journal, what a killed process leaves is estimated", "error", err)
		} else {
			s.book = s.book.Noting(kept)
		}
	}
	observer, err := telemetry.New()
	if err != nil {
		return nil, err
	}
	s.generator = generate.New(catalog, s.book, generate.Options{
		MaxTokens: cfg.MaxTokens,
		Limits:    generate.Limits{FirstToken: cfg.FirstTokenTimeout, Idle: cfg.IdleTimeout},
		Retry:     generate.Retry{Attempts: cfg.Attempts, Base: cfg.RetryPause, MaxWait: cfg.RetryMaxPause},
		Observer:  observer,
	}, deps.Log)
	s.api, s.refusals = grpcapi.New(s.generator, catalog, s.book), audit.NewRefusals(deps.Log, pool)
	s.admin = grpcapi.NewAdmin(s.book, pgstore.NewAlerts(pool), catalog, s.generator, page.New(keys.Derive(deps.Key, "ai page tokens")))
	return s, nil
}

// Migrate brings the schema ai to the newest version; it waits for auth's.
func Migrate(ctx context.Context, url config.Secret, log *slog.Logger) error {
	return pgdb.Migrate(ctx, url, pgstore.Schema, pgstore.Migrations(), log, pgstore.Needs...)
}

// Register adds the service's RPCs to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	aiv1.RegisterAIServiceServer(r, s.api)
	aiv1.RegisterUsageAdminServiceServer(r, s.admin)
}

// Refusals keeps word of the calls that the service's server refuses.
func (s *Service) Refusals() grpcx.Refusals { return s.refusals }

// Start migrates, closes what an earlier start of this instance left open, and
// returns when the service can answer.
func (s *Service) Start(ctx context.Context) error {
	if err := Migrate(ctx, s.deps.DatabaseURL, s.deps.Log); err != nil {
		return err
	}
	if err := s.store.GiveBack(ctx, nil); err != nil { // those of an earlier start
		return err
	}
	s.recover(ctx)
	if err := s.sweep(ctx, s.instance); err != nil {
		return err
	}
	s.announce(ctx)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.reads.Start(background)
	s.done.Go(func() { s.refusals.Run(background) })
	s.done.Go(func() { s.heartbeats(background) })
	s.done.Go(func() { s.proofs(background) })
	s.done.Go(func() { s.leases(background) })
	s.done.Go(func() { s.sweeps(background) })
	s.done.Go(func() { s.watch.Run(background) })
	return nil
}

// Ready says whether the service can answer, naming what is missing.
func (s *Service) Ready(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// Dependencies are what the service depends on beside Postgres and Redis.
func (s *Service) Dependencies() map[string]func(context.Context) error {
	return s.reads.Dependencies()
}

// Stop refuses new calls, lets running ones end as long as ctx allows, and
// closes the pool. It may be called twice.
func (s *Service) Stop(ctx context.Context) error {
	err := s.generator.Stop(ctx)
	s.stop()
	s.done.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastProof)
	defer cancel()
	if kept := errors.Join(s.book.Write(last), s.store.GiveBack(last, nil)); kept != nil {
		s.deps.Log.WarnContext(ctx, "leases are left to end by themselves", "error", kept)
	}
	if unproven := s.book.Prove(last); unproven != nil {
		s.deps.Log.WarnContext(ctx, "settled usage is left to the journal", "error", unproven)
	}
	s.client.CloseIdleConnections()
	if s.hook != nil {
		s.hook.Close()
	}
	err = errors.Join(err, s.reads.Close())
	s.pool.Close()
	if err != nil {
		return errors.Join(errors.New("ai did not stop in order"), err)
	}
	return nil
}
