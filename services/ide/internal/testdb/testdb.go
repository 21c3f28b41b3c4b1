// Package testdb gives tests a database with what the ide service expects of
// the auth service: its users' table and the audit log. Services never import
// one another, so the little of it that matters here is written down again.
package testdb

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
)

const neighbours = `
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE SCHEMA audit;
CREATE TABLE audit.audit_log (
	id uuid PRIMARY KEY,
	timestamp timestamptz NOT NULL DEFAULT now(),
	user_id uuid,
	event_type text,
	resource_type text,
	resource_id text,
	action text,
	status text,
	ip_address inet,
	user_agent text,
	metadata jsonb,
	error text
);
GRANT USAGE ON SCHEMA audit TO atrium_ide;
GRANT INSERT ON audit.audit_log TO atrium_ide;
`

// New makes a database with the neighbours' tables.
func New(t testing.TB) config.Secret {
	t.Helper()
	url := pgtest.New(t)
	Exec(t, url, pgdb.EnsureRole("atrium_ide"))
	Exec(t, url, neighbours)
	return url
}

// AddUser makes a user.
func AddUser(t testing.TB, url config.Secret) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	Exec(t, url, `INSERT INTO auth.users (id) VALUES ($1)`, id)
	return id
}

// Exec runs a statement as the database's owner.
func Exec(t testing.TB, url config.Secret, sql string, args ...any) {
	t.Helper()
	with(t, url, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql, args...)
		return err
	})
}

// Value reads one value as the database's owner.
func Value[T any](t testing.TB, url config.Secret, sql string, args ...any) T {
	t.Helper()
	var value T
	with(t, url, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, sql, args...).Scan(&value)
	})
	return value
}

func with(t testing.TB, url config.Secret, do func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url.Reveal())
	require.NoError(t, err)
	defer conn.Close(ctx)
	require.NoError(t, do(ctx, conn))
}
