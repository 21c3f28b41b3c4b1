package pgstore_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// oneCall is what a hold of these tests takes from a budget, in micro-dollars:
// 10 tokens that may be written to the cache, and 90 of an answer.
const oneCall = 1388

func TestTheLastCentIsSpentOnceHoweverManyUsersAsk(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	users := []uuid.UUID{db.User(t), db.User(t), db.User(t), db.User(t)}
	require.Equal(t, int64(oneCall), hold(users[0], -1).CostEstimate())
	warm(t, db)
	var in, refused atomic.Int64
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range 200 {
		wait.Go(func() {
			<-start
			_, err := process(db, clock, 3*oneCall).Reserve(t.Context(), hold(users[i%len(users)], -1))
			if err == nil {
				in.Add(1)
			} else if apperr.From(err).Reason == "BUDGET_EXCEEDED" {
				refused.Add(1)
			}
		})
	}
	close(start)
	wait.Wait()
	require.Equal(t, int64(3), in.Load())
	require.Equal(t, int64(197), refused.Load())
}

func TestTheLastCentOfAPlanIsSpentOnce(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	ada := db.User(t)
	warm(t, db)
	var in, refused atomic.Int64
	var wait sync.WaitGroup
	start := make(chan struct{})
	for range 200 {
		wait.Go(func() {
			<-start
			h := hold(ada, -1)
			h.Budget = 5*oneCall - 1
			_, err := process(db, clock, ledger.NoBudget).Reserve(t.Context(), h)
			if err == nil {
				in.Add(1)
			} else if apperr.From(err).Reason == "BUDGET_EXCEEDED" {
				refused.Add(1)
			}
		})
	}
	close(start)
	wait.Wait()
	require.Equal(t, int64(4), in.Load())
	require.Equal(t, int64(196), refused.Load())
	month, err := book.Month(t.Context(), ada, -1, 5*oneCall-1)
	require.NoError(t, err)
	require.Equal(t, int64(4*oneCall), month.CostMicroUSD)
}

func TestWithNothingToSpendWhatIsFreeAnswers(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	ada := db.User(t)
	for _, book := range []*ledger.Book{book, book.Within(0)} {
		h := hold(ada, -1)
		h.Budget = 0
		_, err := book.Reserve(t.Context(), h)
		require.Equal(t, "BUDGET_EXCEEDED", apperr.From(err).Reason)
		h = hold(ada, -1)
		h.Budget, h.Price = 0, tariff.Price{}
		_, err = book.Reserve(t.Context(), h)
		require.NoError(t, err)
	}
}

func TestAUsersBudgetIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	ada, bob := db.User(t), db.User(t)
	within := func(user uuid.UUID) ledger.Hold {
		h := hold(user, -1)
		h.Budget = oneCall + 1
		return h
	}
	r, err := book.Reserve(t.Context(), within(ada))
	require.NoError(t, err)
	_, err = book.Reserve(t.Context(), within(ada))
	e := apperr.From(err)
	require.Equal(t, "BUDGET_EXCEEDED", e.Reason)
	require.Equal(t, apperr.QuotaExceeded, e.Kind)
	require.Equal(t, "2026-06-01T00:00:00Z", e.Metadata["resetsAt"])
	require.Contains(t, e.Message, "$0.001388 of your plan's $0.001389")
	require.Equal(t, map[string]string{"budget": "user", "usedUsd": "0.001388", "limitUsd": "0.001389", "resetsAt": "2026-06-01T00:00:00Z"}, e.Metadata)
	month, err := book.Month(t.Context(), ada, -1, oneCall+1)
	require.NoError(t, err)
	require.Equal(t, int64(oneCall+1), month.Budget)
	require.Equal(t, int64(oneCall), month.CostMicroUSD, "what is shown is what is held against the budget")
	_, err = book.Reserve(t.Context(), within(bob))
	require.NoError(t, err)

	_, err = book.Settle(t.Context(), r, ledger.Outcome{Released: true})
	require.NoError(t, err)
	_, err = book.Reserve(t.Context(), within(ada))
	require.NoError(t, err, "what was not used is free again")
	clock.set(mayday.AddDate(0, 1, 0))
	_, err = book.Reserve(t.Context(), within(ada))
	require.NoError(t, err, "a month is a new budget")
}
