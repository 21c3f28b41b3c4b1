package pgstore_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/journal"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
)

func priceOf(string, string, time.Time) tariff.Price {
	return tariff.Price{Input: 1_000_000, Output: 2_000_000}
}

func TestTheSweepClosesWhatNobodyTouches(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	user := db.User(t)
	dead, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	alive, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	counted, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	require.NoError(t, book.Touch(t.Context(), []ledger.Progress{
		{ID: dead.ID, Output: 33}, {ID: counted.ID, Output: 4, Prompt: tariff.Tokens{Input: 17, CacheRead: 3, CacheWrite: 2}},
	}))

	clock.set(mayday.Add(3 * time.Minute))
	require.NoError(t, book.Touch(t.Context(), []ledger.Progress{{ID: alive.ID, Output: 5}}))
	closed, err := book.Sweep(t.Context(), 2*time.Minute, "", priceOf)
	require.NoError(t, err)
	require.Equal(t, 2, closed)
	closed, err = book.Sweep(t.Context(), 2*time.Minute, "", priceOf)
	require.NoError(t, err)
	require.Zero(t, closed)

	// The prompt's estimate and the last progress: 10×1 + 33×2.
	require.Equal(t, int64(76), db.Count(t, `SELECT cost_micro_usd FROM ai.ai_usage
		WHERE id = $1 AND status = 'settled' AND counted_by = 'estimated' AND charged_tokens = 43`, dead.ID))
	// The provider's own count of the prompt, where it had come.
	require.Equal(t, int64(26), db.Count(t, `SELECT charged_tokens FROM ai.ai_usage WHERE id = $1 AND counted_by = 'estimated'
		AND input_tokens = 17 AND cache_read_tokens = 3 AND cache_write_tokens = 2 AND output_tokens = 4`, counted.ID))
	require.Equal(t, int64(2), db.Count(t, `SELECT count(*) FROM audit.audit_log
		WHERE user_id = $1 AND event_type = 'ai.chat' AND status = 'failure' AND error = 'ABANDONED'`, user))
}

func TestARestartClosesItsOwnAtOnce(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	user := db.User(t)
	_, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	other := ledger.NewBook(pgstore.New(db.Pool, "two"), clock.now)
	kept, err := other.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)

	closed, err := book.Sweep(t.Context(), 2*time.Minute, "one", priceOf)
	require.NoError(t, err)
	require.Equal(t, 1, closed)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'reserved'`, kept.ID))
}

func TestTheTrueFiguresReplaceASweptEstimateOnce(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	r, err := book.Reserve(t.Context(), hold(db.User(t), -1))
	require.NoError(t, err)
	clock.set(mayday.Add(time.Hour))
	_, err = book.Sweep(t.Context(), time.Minute, "", priceOf)
	require.NoError(t, err)

	outcome := ledger.Outcome{Tokens: tariff.Tokens{Input: 12, Output: 80}, CountedBy: ledger.ByProvider}
	_, err = book.Settle(t.Context(), r, outcome)
	require.NoError(t, err)
	_, err = book.Settle(t.Context(), r, outcome)
	require.ErrorIs(t, err, ledger.ErrAlreadySettled)
	require.Equal(t, int64(92), db.Count(t, `SELECT charged_tokens FROM ai.ai_usage WHERE id = $1 AND counted_by = 'provider'`, r.ID))
}

func TestTheJournalHasWhatADatabaseThatIsAwayWasNotTold(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	dir := t.TempDir()
	kept, err := journal.Open(dir)
	require.NoError(t, err)
	book = book.Noting(kept)
	r, err := book.Reserve(t.Context(), hold(db.User(t), -1))
	require.NoError(t, err)
	away, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = book.Settle(away, r, ledger.Outcome{Tokens: tariff.Tokens{Input: 12, Output: 80}, CountedBy: ledger.ByProvider})
	require.Error(t, err)

	clock.set(mayday.Add(3 * time.Minute))
	_, err = book.Sweep(t.Context(), time.Minute, "", priceOf) // a rival that does not have the file
	require.NoError(t, err)
	settled := func() int64 {
		return db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND charged_tokens = 92
			AND status = 'settled' AND counted_by = 'provider' AND NOT swept`, r.ID)
	}
	require.Zero(t, settled())

	again, err := journal.Open(dir)
	require.NoError(t, err)
	restarted := ledger.NewBook(pgstore.New(db.Pool, "one"), clock.now).Noting(again)
	recovered, err := restarted.Recover(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, recovered)
	require.Equal(t, int64(1), settled())
	require.NotEmpty(t, journalFiles(t, dir), "it is not proven yet")
	require.NoError(t, restarted.Prove(t.Context()))
	require.Empty(t, journalFiles(t, dir))
	require.NoError(t, book.Prove(t.Context()), "the first process was alive all the time")
	require.Equal(t, int64(1), settled())
}

func TestWhatADatabaseThatIsAwayWasNotToldIsToldLater(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	r, err := book.Reserve(t.Context(), hold(db.User(t), -1))
	require.NoError(t, err)
	away, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = book.Settle(away, r, ledger.Outcome{Tokens: tariff.Tokens{Input: 12, Output: 80}, CountedBy: ledger.ByProvider})
	require.Error(t, err)
	require.Error(t, book.Prove(away))
	clock.set(mayday.Add(3 * time.Minute))
	for range 2 { // told, and found to be there
		require.NoError(t, book.Prove(t.Context()))
		require.Equal(t, int64(92), db.Count(t, `SELECT charged_tokens FROM ai.ai_usage WHERE id = $1 AND status = 'settled'`, r.ID))
	}
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE resource_id = $1`, r.RequestID.String()))
}

func TestARefusalThatAKillInterruptedIsFree(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	dir := t.TempDir()
	kept, err := journal.Open(dir)
	require.NoError(t, err)
	r, err := book.Noting(kept).Reserve(t.Context(), hold(db.User(t), -1))
	require.NoError(t, err)
	book.Noting(kept).Refused(r, "PROVIDER_OVERLOADED") // and in the pause before the next attempt comes the kill

	again, err := journal.Open(dir)
	require.NoError(t, err)
	restarted := ledger.NewBook(pgstore.New(db.Pool, "one"), clock.now).Noting(again)
	_, err = restarted.Recover(t.Context())
	require.NoError(t, err)
	_, err = restarted.Sweep(t.Context(), time.Minute, "one", priceOf)
	require.NoError(t, err)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'released' AND charged_tokens = 0`, r.ID))
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE error = 'PROVIDER_OVERLOADED' AND resource_id = $1`, r.RequestID.String()))
}

func TestAnswersThatEndTogetherAreSettledEach(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	user, gone := db.User(t), db.User(t)
	warm(t, db)
	var open []ledger.Reservation
	for i := range 60 {
		h := hold(user, -1)
		if i%20 == 7 {
			h.UserID = gone
		}
		r, err := book.Reserve(t.Context(), h)
		require.NoError(t, err)
		open = append(open, r)
	}
	_, err := db.Admin.Exec(t.Context(), `DELETE FROM auth.users WHERE id = $1`, gone)
	require.NoError(t, err)
	var settled, alone, twice atomic.Int64
	var all sync.WaitGroup
	for i, r := range append(open, open[0]) {
		all.Go(func() {
			_, err := book.Settle(t.Context(), r, ledger.Outcome{Tokens: tariff.Tokens{Input: int64(i)}, CountedBy: ledger.ByProvider})
			switch {
			case err == nil:
				settled.Add(1)
			case errors.Is(err, ledger.ErrUserGone):
				alone.Add(1)
			case errors.Is(err, ledger.ErrAlreadySettled):
				twice.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, int64(57), settled.Load())
	require.Equal(t, int64(3), alone.Load())
	require.Equal(t, int64(1), twice.Load())
	require.Equal(t, int64(57), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE status = 'settled'`))
	require.Equal(t, int64(57), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE action = 'generate'`))
	require.NoError(t, book.Prove(t.Context()))
}

func journalFiles(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	return found
}
