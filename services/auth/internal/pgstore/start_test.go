package pgstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

func migrated(t *testing.T) *pgxpool.Pool {
	t.Helper()
	url := pgtest.New(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, Schema, Migrations(), slog.New(slog.DiscardHandler)))
	pool, err := pgdb.Open(url, Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// A login that found the old password right meets its change in the database.
func TestAnOldPasswordStartsNoSession(t *testing.T) {
	pool := migrated(t)
	sessions := NewSessions(pool)
	ada, _, err := NewAccounts(pool).Create(t.Context(), account.Credentials{PasswordHash: "the old hash", User: account.User{
		ID: uuid.New(), Email: "ada@example.org", Username: "ada", Roles: []string{"user"},
	}})
	require.NoError(t, err)
	start := func(mark string) error {
		now := time.Now()
		return sessions.Start(t.Context(), session.Session{
			ID: uuid.New(), UserID: ada.ID, CreatedAt: now, ExpiresAt: now.Add(time.Hour), LastActivity: now,
		}, sha256.Sum256([]byte(rand.Text())), mark)
	}
	require.NoError(t, start(ada.PasswordMark()))

	change, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = change.Rollback(context.Background()) }()
	_, err = change.Exec(t.Context(), `UPDATE auth.users SET password_hash = 'the new hash' WHERE id = $1`, ada.ID)
	require.NoError(t, err)
	racing := make(chan error, 1)
	go func() { racing <- start(ada.PasswordMark()) }()
	require.Eventually(t, func() bool {
		var waiting int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))`, change.Conn().PgConn().PID()).Scan(&waiting)
		return err == nil && waiting > 0
	}, 30*time.Second, 10*time.Millisecond)
	require.NoError(t, change.Commit(t.Context()))
	require.ErrorIs(t, <-racing, session.ErrInvalid)

	require.NoError(t, start(""), "who came another way needs no password")
	ada.PasswordHash = "the new hash"
	require.NoError(t, start(ada.PasswordMark()))
}
