package pgstore_test

import (
	"context"
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
	kept, err := journal.Open(t.TempDir())
	require.NoError(t, err)
	book = book.Noting(kept)
	r, err := book.Reserve(t.Context(), hold(db.User(t), -1))
	require.NoError(t, err)
	away, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = book.Settle(away, r, ledger.Outcome{Tokens: tariff.Tokens{Input: 12, Output: 80}, CountedBy: ledger.ByProvider})
	require.Error(t, err)

	recovered, err := book.Recover(t.Context(), time.Minute)
	require.NoError(t, err)
	require.Zero(t, recovered, "the call itself still tries")
	clock.set(mayday.Add(3 * time.Minute))
	_, err = book.Sweep(t.Context(), time.Minute, "", priceOf) // a rival that does not have the file
	require.NoError(t, err)
	for _, want := range []int{1, 0} {
		recovered, err = book.Recover(t.Context(), time.Minute)
		require.NoError(t, err)
		require.Equal(t, want, recovered)
	}
	require.Equal(t, int64(92), db.Count(t, `SELECT charged_tokens FROM ai.ai_usage
		WHERE id = $1 AND status = 'settled' AND counted_by = 'provider' AND NOT swept`, r.ID))
}
