package pgdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/semconv"
)

var safeName = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// role is the database role of a service.
func role(service string) string { return "atrium_" + service }

// Open makes the pool of a service, whose connections act as the role
// atrium_<service>, which may touch that service's schema only. It does no I/O.
// How full it is can be seen in the metrics, so a process has one per service.
func Open(url config.Secret, service string) (*pgxpool.Pool, error) {
	pool, err := OpenForTask(url, service)
	if err != nil {
		return nil, err
	}
	if err := measure(pool, service); err != nil {
		pool.Close()
		return nil, fmt.Errorf("metrics of the database: %w", err)
	}
	return pool, nil
}

// OpenForTask is Open for a pool that is soon closed again, and not measured.
func OpenForTask(url config.Secret, service string) (*pgxpool.Pool, error) {
	return open(url, service, "DATABASE_URL")
}

// open makes a pool of the server that a setting names.
func open(url config.Secret, service, setting string) (*pgxpool.Pool, error) {
	if !safeName.MatchString(service) {
		return nil, fmt.Errorf("service name %q is not a plain word", service)
	}
	cfg, err := pgxpool.ParseConfig(url.Reveal())
	if err != nil {
		return nil, errors.New(setting + ": not a postgres:// URL or keyword string") // the cause may quote a password
	}
	cfg.MaxConns = max(cfg.MaxConns, 10)
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ConnConfig.RuntimeParams["application_name"] = role(service)
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.Tracer = otelpgx.NewTracer(
		otelpgx.WithDisableConnectionDetailsInAttributes(), otelpgx.WithMetricOperationName(otelpgx.SQLOperationName),
		otelpgx.WithMeterAttributes(semconv.Service.String(service)), otelpgx.WithTracerAttributes(semconv.Service.String(service)))
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		registerUUID(conn.TypeMap())
		// Postgres' own figure is that of turning disks. With it, small tables are
		// read whole, also by statements that were planned before they grew.
		_, err := conn.Exec(ctx, "SET ROLE "+role(service)+"; SET random_page_cost = 1.1")
		return err
	}
	return pgxpool.NewWithConfig(context.Background(), cfg)
}

// ParseConn gives the settings of one connection to the server that DATABASE_URL
// names, without what the address says of pools.
func ParseConn(url config.Secret) (*pgx.ConnConfig, error) {
	cfg, err := pgxpool.ParseConfig(url.Reveal())
	if err != nil {
		return nil, errors.New("DATABASE_URL: not a postgres:// URL or keyword string") // the cause may quote a password
	}
	return cfg.ConnConfig, nil
}

// Beginner starts transactions: a pool or a connection.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Querier runs statements: a pool, a connection or a transaction.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// InTx runs do in a transaction, which commits when do returns nil.
func InTx(ctx context.Context, db Beginner, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, db, do)
}

// OnConn runs do on one connection of a pool, in which do may begin and commit a
// transaction with batches of its own, and so with fewer round trips than InTx.
// What do leaves open is rolled back.
func OnConn(ctx context.Context, pool *pgxpool.Pool, do func(*pgx.Conn) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // which closes one that could not be rolled back
	err = do(conn.Conn())
	if status := conn.Conn().PgConn().TxStatus(); status != 'I' && !conn.Conn().IsClosed() {
		_, _ = conn.Exec(ctx, "ROLLBACK")
	}
	return err
}

// IsUnique reports whether err is a breach of the named unique constraint or
// index; an empty name means any.
func IsUnique(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && (constraint == "" || pg.ConstraintName == constraint)
}

// isCatalogueRace reports "tuple concurrently updated" and its kin, which
// Postgres answers when two sessions change the same role or schema at once.
func isCatalogueRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "XX000" || pg.Code == "23505" || pg.Code == "42P06" || pg.Code == "40P01")
}
