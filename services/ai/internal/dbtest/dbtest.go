package dbtest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/services/ai/internal/pgstore"
)

// foreign are the auth service's tables as far as this service uses them.
const foreign = `
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE SCHEMA audit;
CREATE TABLE audit.audit_log (
	id uuid PRIMARY KEY, timestamp timestamptz NOT NULL DEFAULT now(), user_id uuid, event_type text NOT NULL,
	resource_type text, resource_id text, action text NOT NULL, status text NOT NULL, ip_address inet,
	user_agent text, metadata jsonb NOT NULL DEFAULT '{}', error text);
`

// grants let the service's role do what the auth service's migrations let it.
const grants = `
GRANT USAGE ON SCHEMA audit TO atrium_ai;
GRANT INSERT ON audit.audit_log TO atrium_ai;
`

// DB is a database with both.
type DB struct {
	URL config.Secret
	// Pool acts as the service's own role.
	Pool *pgxpool.Pool
	// Admin may read what the service may not.
	Admin *pgxpool.Pool
}

// New makes a database, migrated.
func New(t testing.TB) *DB {
	t.Helper()
	db := Bare(t)
	require.NoError(t, pgdb.Migrate(t.Context(), db.URL, pgstore.Schema, pgstore.Migrations(), slog.New(slog.DiscardHandler), pgstore.Needs...))
	return db
}

// On makes the tables, migrated, in an empty database, whose pools are the caller's.
func On(t testing.TB, url config.Secret, pool, admin *pgxpool.Pool) *DB {
	t.Helper()
	prepare(t, admin)
	require.NoError(t, pgdb.Migrate(t.Context(), url, pgstore.Schema, pgstore.Migrations(), slog.New(slog.DiscardHandler), pgstore.Needs...))
	return &DB{URL: url, Pool: pool, Admin: admin}
}

func prepare(t testing.TB, admin *pgxpool.Pool) {
	t.Helper()
	_, err := admin.Exec(t.Context(), pgdb.EnsureRole("atrium_ai"))
	require.NoError(t, err)
	_, err = admin.Exec(t.Context(), foreign+grants)
	require.NoError(t, err)
}

// Bare makes a database that the service has not yet migrated.
func Bare(t testing.TB) *DB {
	t.Helper()
	url := pgtest.New(t)
	admin, err := pgxpool.New(t.Context(), url.Reveal())
	require.NoError(t, err)
	t.Cleanup(admin.Close)
	prepare(t, admin)
	pool, err := pgdb.Open(url, pgstore.Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return &DB{URL: url, Pool: pool, Admin: admin}
}

// User makes an account.
func (db *DB) User(t testing.TB) uuid.UUID {
	t.Helper()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	_, err = db.Admin.Exec(t.Context(), `INSERT INTO auth.users (id) VALUES ($1)`, id)
	require.NoError(t, err)
	return id
}

// Count runs a query that gives one number.
func (db *DB) Count(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, db.Admin.QueryRow(context.WithoutCancel(t.Context()), query, args...).Scan(&n))
	return n
}
