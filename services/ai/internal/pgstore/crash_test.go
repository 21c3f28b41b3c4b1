package pgstore_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
)

// A reservation and a settlement don't wait for the disk. Postgres is killed
// with both only in its memory; what the process knows makes them good again.
func TestACrashOfPostgresLosesNoSettlement(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "atrium-crash-") // sockets have short paths, and the server another account
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	options := postgres.Options{Dir: filepath.Join(dir, "postgres")}
	url, _, err := postgres.Start(t.Context(), options)
	require.NoError(t, err)
	admin, err := pgxpool.New(t.Context(), url.Reveal())
	require.NoError(t, err)
	t.Cleanup(admin.Close)
	pool, err := pgdb.Open(url, pgstore.Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	db := dbtest.On(t, url, pool, admin)
	// As long as can be, so that the test decides what is on the disk.
	for _, setting := range []string{`ALTER SYSTEM SET wal_writer_delay = '10s'`, `SELECT pg_reload_conf()`, `CHECKPOINT`} {
		_, err := db.Admin.Exec(t.Context(), setting)
		require.NoError(t, err)
	}
	user := db.User(t)
	clock := &clock{}
	clock.set(mayday)
	book := ledger.NewBook(pgstore.New(db.Pool, "one"), clock.now)
	proven, err := book.Reserve(t.Context(), hold(user, 1000))
	require.NoError(t, err)
	_, err = book.Settle(t.Context(), proven, ledger.Outcome{Tokens: tariff.Tokens{Input: 1, Output: 4}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
	require.NoError(t, book.Prove(t.Context()))

	settled, err := book.Reserve(t.Context(), hold(user, 1000))
	require.NoError(t, err)
	_, err = book.Settle(t.Context(), settled, ledger.Outcome{Tokens: tariff.Tokens{Input: 10, Output: 70}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
	refused, err := book.Reserve(t.Context(), hold(user, 1000))
	require.NoError(t, err)
	running, err := book.Retry(t.Context(), refused, refused.By)
	require.NoError(t, err)
	crash(t, options.Dir, db.Admin)

	_, stop, err := postgres.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop(context.Background())) })
	// The pools find the server again, as a running service's do.
	require.Eventually(t, func() bool { return admin.Ping(t.Context()) == nil }, time.Minute, 50*time.Millisecond)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage`), "nothing was lost, so nothing is tried here")
	require.Eventually(t, func() bool { return book.Prove(t.Context()) == nil }, time.Minute, 50*time.Millisecond)
	_, err = book.Settle(t.Context(), running, ledger.Outcome{Tokens: tariff.Tokens{Input: 10, Output: 20}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
	require.NoError(t, book.Prove(t.Context()))
	require.Equal(t, int64(3), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE status = 'settled' AND counted_by = 'provider' AND NOT swept`))
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'released'`, refused.ID))
	require.Equal(t, int64(3), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE action = 'generate' AND status = 'success'`))
	month, err := book.Month(t.Context(), user, 1000, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, int64(5+80+30), month.Tokens)

	tight := hold(user, 115+hold(user, 0).Estimate())
	_, err = book.Reserve(t.Context(), tight)
	require.NoError(t, err, "the limit counts what was used")
	_, err = book.Reserve(t.Context(), tight)
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded)
}

// crash kills the server without letting it write down anything.
func crash(t *testing.T, dir string, admin *pgxpool.Pool) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(file), "\n")
	postmaster, err := strconv.Atoi(first)
	require.NoError(t, err)
	rows, err := admin.Query(t.Context(), `SELECT pid FROM pg_stat_activity`)
	require.NoError(t, err)
	others, err := pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(postmaster, syscall.SIGKILL))
	for _, pid := range others {
		_ = syscall.Kill(pid, syscall.SIGKILL) // those of a server that is gone end themselves
	}
}
