package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Fault 4: the provider has answered and counted, the ledger is just being
// told, and the process is killed. What was counted must not be lost, nor be
// entered twice.
func TestAKillBetweenTheReplyAndTheCommitLosesNoCount(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			// What is refused once is two attempts.
			w := startWires(t, mode, "ATRIUM_AI_ATTEMPTS=2", "ATRIUM_AI_RETRY_PAUSE=10ms")
			var streams []*stream
			for _, model := range models {
				prompt := "[[fake:status=529,times=1,words=8,slow=300ms]] " + model
				s := w.user.open("POST", "/api/ai/chat", object{"model": model, "messages": []object{{"role": "user", "content": prompt}}})
				first, ok := s.next()
				require.True(t, ok, "%v", first)
				streams = append(streams, s)
			}
			release := w.holdLedger(t, len(models))
			eventually(t, "the outcomes wait to be entered", func() error {
				// What ends in the meantime waits for the first one's statement.
				if n, kept := len(waiting(t, w.platform)), journalled(t, w.platform); n == 0 || kept != len(models) {
					return fmt.Errorf("%d wait, %d are in the journal", n, kept)
				}
				return nil
			})
			w.kill(map[string]string{"one process": "atrium", "services": "aid"}[mode])
			for _, s := range streams {
				for _, e := range s.rest() {
					require.NotContains(t, []string{"usage", "done"}, e.name, "it is not entered yet")
				}
			}
			release()
			// Postgres may finish the statement that it had; what waited behind it was never sent.
			require.NotEmpty(t, rows(t, w.platform, `SELECT status FROM ai.ai_usage WHERE status = 'reserved'`))
			w.start()

			w.requireSettled(t)
			require.Equal(t, []string{"1 released", "1 released", "2 settled", "2 settled"},
				rows(t, w.platform, `SELECT attempt || ' ' || status FROM ai.ai_usage ORDER BY 1`), "each attempt has one row")
			require.Equal(t, []string{"2"}, rows(t, w.platform, `SELECT count(*)::text FROM audit.audit_log WHERE action = 'generate'`))
			var told int64
			for _, c := range w.far.Calls() {
				if counts, final := c.Told(); final {
					told += counts.Prompt() + counts.Output
				}
			}
			shown := w.user.must("GET", "/api/users/me/usage", nil)["aiTokens"].(object)["used"]
			require.EqualValues(t, told, shown, "what is shown is what the provider counted")
		})
	}
}

// holdLedger locks the open rows of the ledger, of which there are so many,
// until they are released.
func (w *wires) holdLedger(t *testing.T, open int) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.setting("DATABASE_URL"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	held, err := tx.Exec(t.Context(), `SELECT FROM ai.ai_usage WHERE status = 'reserved' FOR UPDATE`)
	require.NoError(t, err)
	require.EqualValues(t, open, held.RowsAffected(), "the answers are still being written")
	return func() {
		if err := tx.Rollback(t.Context()); !errors.Is(err, pgx.ErrTxClosed) {
			require.NoError(t, err)
		}
	}
}

// waiting are the statements that wait to settle an entry.
func waiting(t *testing.T, p *platform) []string {
	t.Helper()
	return rows(t, p, `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
		AND query LIKE 'WITH ended AS%'`)
}

// journalled counts the outcomes that the ai service's files have.
func journalled(t *testing.T, p *platform) (lines int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.setting("ATRIUM_DATA_DIR"), "ai", "*", "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		lines += bytes.Count(text, []byte("\n"))
	}
	return lines
}
