package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/announcement"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/grpcapi"
	"atrium.internal/services/auth/internal/issuer"
	"atrium.internal/services/auth/internal/password"
	"atrium.internal/services/auth/internal/pgstore"
	"atrium.internal/services/auth/internal/reset"
	"atrium.internal/services/auth/internal/revocation"
	"atrium.internal/services/auth/internal/session"
	"atrium.internal/services/auth/internal/throttle"
)

// sweepEvery is how often expired sessions are removed; they are refused at once.
const sweepEvery = time.Hour

// Deps is what the service needs from its process.
type Deps struct {
	Log         *slog.Logger
	DatabaseURL config.Secret
	// Replica answers reads that may be a little old.
	Replica pgdb.Replica
	Redis   *redis.Client
	// Key is the deployment's 32-byte secret.
	Key []byte
	// Keyring seals what must be unreadable at rest.
	Keyring *seal.Keyring
}

// Service is the auth service.
type Service struct {
	cfg    Config
	deps   Deps
	pool   *pgxpool.Pool
	reads  *pgdb.Reads
	hasher *password.Hasher

	accounts *pgstore.Accounts
	sessions *pgstore.Sessions
	logins   *pgstore.Logins
	issuers  *issuer.Issuers
	sealed   *seal.Keys
	resets   *reset.Resets
	auth     *grpcapi.Auth
	users    *grpcapi.Users
	admin    *grpcapi.Admin
	board    *grpcapi.Announcements
	refusals *audit.Refusals
	measures measures

	first account.FirstAdmin
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// New puts the service together. It does no I/O.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
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
	hasher, err := password.New(cfg.HashSlots)
	if err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, deps: deps, pool: pool, reads: reads, hasher: hasher,
		accounts: pgstore.NewAccounts(pool), sessions: pgstore.NewSessions(pool),
		refusals: audit.NewRefusals(deps.Log, pool),
		stop:     func() {},
	}
	if s.measures, err = newMeasures(s.accounts.Active); err != nil {
		return nil, err
	}
	broadcaster := revocation.New(deps.Log, deps.Redis)
	attempts := throttle.New(deps.Log, deps.Redis, "sign-in", throttle.Limits(cfg.SignIn))
	accounts := account.New(countedAccounts{s.accounts, s.measures}, hasher, attempts, broadcaster, cfg.Registration == registrationOpen)
	sessions := session.NewManager(deps.Log, s.sessions, s.sessions, broadcaster, time.Now)
	tokens := apitoken.New(deps.Log, pgstore.NewTokens(pool, s.refusals), broadcaster, keys.Derive(deps.Key, "auth API tokens"), time.Now)
	logins, err := newLogins(s, accounts, sessions)
	if err != nil {
		return nil, err
	}
	s.sealed = seal.New(pool, pgstore.Schema, deps.Keyring)
	factors := newFactors(s, accounts, sessions, attempts)
	if s.resets, err = newResets(s, broadcaster); err != nil {
		return nil, err
	}
	notices, err := newNotices(s)
	if err != nil {
		return nil, err
	}
	proof := account.NewReauthentication(accounts, sessions, time.Now)
	s.auth = grpcapi.NewAuth(accounts, proof, sessions, tokens, factors, s.resets, page.New(keys.Derive(deps.Key, "auth page tokens")), logins, notices)
	s.users = newUsers(s, accounts, grpcapi.Held{Sessions: sessions, Tokens: tokens, Logins: logins})
	s.admin = newAdmin(s, accounts, broadcaster)
	s.board = grpcapi.NewAnnouncements(announcement.NewBoard(pgstore.NewAnnouncements(pool), time.Now))
	return s, nil
}

// Migrate brings the schemas auth, auth_keys and audit to the newest version.
func Migrate(ctx context.Context, url config.Secret, log *slog.Logger) error {
	if err := pgdb.Migrate(ctx, url, pgstore.Schema, pgstore.Migrations(), log); err != nil {
		return err
	}
	return seal.Migrate(ctx, url, pgstore.Schema, log)
}

// Register adds the service's RPCs to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	authv1.RegisterAuthServiceServer(r, s.auth)
	authv1.RegisterUserServiceServer(r, s.users)
	authv1.RegisterAdminServiceServer(r, s.admin)
	authv1.RegisterAnnouncementServiceServer(r, s.board)
}

// Refusals keeps word of the calls that the service's server refuses.
func (s *Service) Refusals() grpcx.Refusals { return s.refusals }

// Start migrates, makes the first administrator where there is none, and
// returns when the service can answer.
func (s *Service) Start(ctx context.Context) error {
	if err := Migrate(ctx, s.deps.DatabaseURL, s.deps.Log); err != nil {
		return err
	}
	if err := s.sealed.Check(ctx); err != nil {
		return err
	}
	keeper, err := newKeeper(ctx, s)
	if err != nil {
		return fmt.Errorf("audit chain: %w", err)
	}
	first, err := account.EnsureAdmin(ctx, s.accounts, s.hasher, s.cfg.AdminEmail, s.cfg.AdminPassword.Reveal())
	switch {
	case errors.Is(err, account.ErrEmailTaken):
		s.deps.Log.WarnContext(ctx, "no administrator: ATRIUM_ADMIN_EMAIL belongs to an ordinary account, set another one")
	case err != nil:
		return fmt.Errorf("first administrator: %w", err)
	}
	s.first = first
	if known, _ := account.CheckOperatorPassword("password", s.cfg.AdminPassword.Reveal()); known && first.Created {
		s.deps.Log.WarnContext(ctx, "the first administrator's password is known from breaches: change it", "setting", "ATRIUM_ADMIN_PASSWORD")
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.reads.Start(background)
	s.done.Go(func() { s.sweep(background) })
	s.done.Go(func() { s.resets.Run(background) })
	if !s.cfg.Mail.SMTP.IsSet() {
		s.deps.Log.InfoContext(ctx, "no mail server is set: links to set a new password are written to this log", "setting", "ATRIUM_SMTP_URL")
	}
	s.done.Go(func() { s.refusals.Run(background) })
	s.done.Go(func() { keeper.Run(background) })
	s.done.Go(func() { s.issuers.Warm(background) })
	return nil
}

// FirstAdmin tells, after Start, whether this start made the deployment's
// first administrator. The password is empty when it came from the
// configuration; otherwise it can be read here only, so it is shown once.
func (s *Service) FirstAdmin() (email, password string, created bool) {
	return s.first.Email, s.first.Password, s.first.Created
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

// Stop ends the background work and closes the pool. It may be called twice.
func (s *Service) Stop(context.Context) error {
	s.stop()
	s.done.Wait()
	s.issuers.Close()
	err := errors.Join(s.measures.gauges.Unregister(), s.reads.Close())
	s.sealed.Close()
	s.pool.Close()
	return err
}

func (s *Service) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := s.sessions.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "expired sessions not removed", "error", err)
		}
		if err := s.logins.Sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "unfinished logins not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
