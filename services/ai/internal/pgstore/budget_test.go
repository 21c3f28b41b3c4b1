package pgstore_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
)

// oneCall is what a hold of these tests takes from a budget, in micro-dollars:
// 10 tokens that may be written to the cache, and 90 of an answer.
const oneCall = 1388

func TestTheLastCentIsSpentOnceHoweverManyUsersAsk(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	users := []uuid.UUID{db.User(t), db.User(t), db.User(t), db.User(t)}
	require.Equal(t, int64(oneCall), hold(users[0], -1).CostEstimate())
	book = book.Within(ledger.Budgets{Deployment: 3 * oneCall})
	warm(t, db)
	var in, refused atomic.Int64
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range 200 {
		wait.Go(func() {
			<-start
			_, err := book.Reserve(t.Context(), hold(users[i%len(users)], -1))
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

func TestAUsersBudgetIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	ada, bob := db.User(t), db.User(t)
	book = book.Within(ledger.Budgets{User: oneCall + 1})
	r, err := book.Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err)
	_, err = book.Reserve(t.Context(), hold(ada, -1))
	e := apperr.From(err)
	require.Equal(t, "BUDGET_EXCEEDED", e.Reason)
	require.Equal(t, apperr.QuotaExceeded, e.Kind)
	require.Equal(t, "2026-06-01T00:00:00Z", e.Metadata["resetsAt"])
	require.Contains(t, e.Message, "$0.0014 of your $0.0014")
	month, err := book.Month(t.Context(), ada, -1)
	require.NoError(t, err)
	require.Equal(t, int64(oneCall), month.CostMicroUSD, "what is shown is what is held against the budget")
	_, err = book.Reserve(t.Context(), hold(bob, -1))
	require.NoError(t, err)

	_, err = book.Settle(t.Context(), r, ledger.Outcome{Released: true})
	require.NoError(t, err)
	_, err = book.Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err, "what was not used is free again")
	clock.set(mayday.AddDate(0, 1, 0))
	_, err = book.Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err, "a month is a new budget")
}

func TestEachThresholdIsToldOnceByWhomeverLooks(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	ada := db.User(t)
	budgets := ledger.Budgets{User: 2 * oneCall, Deployment: 4 * oneCall}
	replicas := []*ledger.Book{book.Within(budgets), ledger.NewBook(pgstore.New(db.Pool, "two"), clock.now).Within(budgets)}
	look := func() int64 {
		var raised atomic.Int64
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				alerts, err := replicas[i%2].Alerts(t.Context())
				require.NoError(t, err)
				raised.Add(int64(len(alerts)))
			})
		}
		wait.Wait()
		return raised.Load()
	}
	require.Zero(t, look())
	_, err := replicas[0].Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err)
	require.Equal(t, int64(1), look(), "half of the user's")
	_, err = replicas[1].Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err)
	require.Equal(t, int64(3), look(), "80 and 100 of the user's, half of the deployment's")
	require.Zero(t, look())
	require.Equal(t, int64(4), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'ai.budget.alert'`))
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'ai.budget.alert' AND resource_id = 'deployment' AND user_id IS NULL`))

	clock.set(mayday.Add(40 * 24 * time.Hour))
	_, err = replicas[0].Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err)
	require.Equal(t, int64(1), look(), "a new month tells again")
}
