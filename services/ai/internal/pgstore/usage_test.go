package pgstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

func TestUsageIsListedByModelAndByDay(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	user, other := db.User(t), db.User(t)
	enter := func(at time.Time, model string, tokens tariff.Tokens) {
		clock.set(at)
		h := hold(user, -1)
		h.Model = model
		r, err := book.Reserve(t.Context(), h)
		require.NoError(t, err)
		_, err = book.Settle(t.Context(), r, ledger.Outcome{Tokens: tokens, CountedBy: ledger.ByProvider})
		require.NoError(t, err)
	}
	enter(mayday.AddDate(0, -2, 0), "a", tariff.Tokens{Input: 999})
	enter(mayday.AddDate(0, 0, -2), "a", tariff.Tokens{Input: 100, Output: 10})
	enter(mayday.Add(-time.Hour), "a", tariff.Tokens{Input: 100, Output: 10, CacheRead: 50})
	enter(mayday, "b", tariff.Tokens{Input: 1, Output: 1})
	_, err := book.Reserve(t.Context(), hold(user, -1)) // still running
	require.NoError(t, err)

	groups, err := book.Groups(t.Context(), user, ledger.LastMonth, ledger.ByModel)
	require.NoError(t, err)
	require.Equal(t, []ledger.Group{
		{Key: "a", Requests: 2, Input: 250, Output: 20, CostMicroUSD: 450 + 465},
		{Key: "b", Requests: 1, Input: 1, Output: 1, CostMicroUSD: 18},
	}, groups)

	groups, err = book.Groups(t.Context(), user, ledger.LastDay, ledger.ByDay)
	require.NoError(t, err)
	require.Equal(t, []ledger.Group{{Key: "2026-05-01", Requests: 2, Input: 151, Output: 11, CostMicroUSD: 465 + 18}}, groups)

	groups, err = book.Groups(t.Context(), other, ledger.LastMonth, ledger.ByDay)
	require.NoError(t, err)
	require.Empty(t, groups)
}

func TestUsageGoesWithTheAccount(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	user := db.User(t)
	_, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	_, err = db.Admin.Exec(t.Context(), `DELETE FROM auth.users WHERE id = $1`, user)
	require.NoError(t, err)
	require.Zero(t, db.Count(t, `SELECT count(*) FROM ai.ai_usage`))
}
