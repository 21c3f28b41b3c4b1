package pgstore_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
)

func TestMain(m *testing.M) { leak.Main(m) }

// clock is a time that a test sets.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) set(t time.Time) { c.at.Store(&t) }
func (c *clock) now() time.Time  { return *c.at.Load() }

var mayday = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func newBook(t *testing.T) (*dbtest.DB, *ledger.Book, *clock) {
	db := dbtest.New(t)
	c := &clock{}
	c.set(mayday)
	return db, ledger.NewBook(pgstore.New(db.Pool, "one"), c.now), c
}

// process is the book of another process, whose calls meet others' in the database
// only.
func process(db *dbtest.DB, c *clock, within int64) *ledger.Book {
	return ledger.NewBook(pgstore.New(db.Pool, "one"), c.now).Within(within)
}

func hold(user uuid.UUID, limit int64) ledger.Hold {
	return ledger.Hold{
		UserID: user, RequestID: uuid.New(), Model: "m", Source: "chat",
		By:    ledger.By{Provider: "anthropic", Price: tariff.Price{Input: 3_000_000, Output: 15_000_000, CacheRead: 300_000, CacheWrite: 3_750_000}},
		Input: 10, MaxOutput: 90, Limit: limit, Budget: ledger.NoBudget, Username: "ada", Plan: "free",
	}
}

func TestAQuotaThatFitsOneLetsExactlyOneThrough(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	user := db.User(t)
	// A long month makes the sum take a while, and open connections make the
	// calls meet: without the lock several would see the same sum.
	_, err := db.Admin.Exec(t.Context(), `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
			estimated_input_tokens, estimated_output_tokens, instance, created_at, touched_at)
		SELECT gen_random_uuid(), $1, gen_random_uuid(), 1, 'p', 'm', 'chat', 'released', 1, 1, '', $2, $2
		FROM generate_series(1, 20000)`, user, mayday)
	require.NoError(t, err)
	warm(t, db)
	var in, refused atomic.Int64
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range 100 {
		wait.Go(func() {
			<-start
			from := book // half of them come to one process
			if i%2 == 0 {
				from = process(db, clock, ledger.NoBudget)
			}
			_, err := from.Reserve(t.Context(), hold(user, 100))
			switch apperr.From(err).Reason {
			case "QUOTA_EXCEEDED":
				refused.Add(1)
			default:
				if err == nil {
					in.Add(1)
				}
			}
		})
	}
	close(start)
	wait.Wait()
	require.Equal(t, int64(1), in.Load())
	require.Equal(t, int64(99), refused.Load())
	month, err := book.Month(t.Context(), user, 100, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, int64(100), month.Tokens)
}

// warm opens every connection of the service's pool.
func warm(t *testing.T, db *dbtest.DB) {
	t.Helper()
	for range db.Pool.Config().MaxConns {
		conn, err := db.Pool.Acquire(t.Context())
		require.NoError(t, err)
		defer conn.Release()
	}
}

func TestARefusalTellsWhatIsUsedAndWhenItEnds(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	user := db.User(t)
	r, err := book.Reserve(t.Context(), hold(user, 150))
	require.NoError(t, err)
	_, err = book.Settle(t.Context(), r, ledger.Outcome{Tokens: tariff.Tokens{Input: 11, Output: 60}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)

	_, err = book.Reserve(t.Context(), hold(user, 150))
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded)
	refusal := apperr.From(err)
	require.Equal(t, map[string]string{"resetsAt": "2026-06-01T00:00:00Z", "limit": "150", "used": "71"}, refusal.Metadata)

	_, err = book.Reserve(t.Context(), hold(user, 171))
	require.NoError(t, err, "what is shown as free must be usable")
	_, err = book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err, "an unlimited plan has no end")
}

func TestTheMonthStartsAnew(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	user := db.User(t)
	_, err := book.Reserve(t.Context(), hold(user, 100))
	require.NoError(t, err)
	clock.set(time.Date(2026, 5, 31, 23, 59, 59, 0, time.UTC))
	_, err = book.Reserve(t.Context(), hold(user, 100))
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded)
	clock.set(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	_, err = book.Reserve(t.Context(), hold(user, 100))
	require.NoError(t, err)
}

func TestAnEntryIsSettledOnce(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	user := db.User(t)
	r, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	var settled atomic.Int64
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			_, err := book.Settle(t.Context(), r, ledger.Outcome{
				Tokens:    tariff.Tokens{Input: 1000, Output: 100, CacheRead: 2000, CacheWrite: 400},
				CountedBy: ledger.ByProvider,
			})
			if err == nil {
				settled.Add(1)
			}
		})
	}
	wait.Wait()
	require.Equal(t, int64(1), settled.Load())
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE user_id = $1`, user))
	// 1000×3 + 100×15 + 2000×0.30 + 400×3.75 dollars for a million.
	require.Equal(t, int64(6600), db.Count(t, `SELECT cost_micro_usd FROM ai.ai_usage WHERE id = $1`, r.ID))
	month, err := book.Month(t.Context(), user, -1, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, ledger.Sum{Tokens: 3500, CostMicroUSD: 6600}, month.Sum)
}

func TestARequestIsMadeOnce(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	h := hold(db.User(t), -1)
	_, err := book.Reserve(t.Context(), h)
	require.NoError(t, err)
	_, err = book.Reserve(t.Context(), h)
	require.ErrorIs(t, err, ledger.ErrRequestReused)
	_, err = book.Reserve(t.Context(), hold(uuid.New(), -1))
	require.ErrorIs(t, err, ledger.ErrUserGone)
}

func TestARetryKeepsTheHold(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	user := db.User(t)
	first, err := book.Reserve(t.Context(), hold(user, 100))
	require.NoError(t, err)
	second, err := book.Retry(t.Context(), first, ledger.By{Provider: "other", Price: first.Price})
	require.NoError(t, err)
	require.Equal(t, 2, second.Attempt)
	_, err = book.Reserve(t.Context(), hold(user, 100))
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded)
	_, err = book.Retry(t.Context(), first, ledger.By{Provider: "other", Price: first.Price})
	require.ErrorIs(t, err, ledger.ErrAlreadySettled)

	_, err = book.Settle(t.Context(), second, ledger.Outcome{Released: true, Failure: "PROVIDER_OVERLOADED"})
	require.NoError(t, err)
	month, err := book.Month(t.Context(), user, 100, ledger.NoBudget)
	require.NoError(t, err)
	require.Zero(t, month.Tokens)
	require.Equal(t, int64(2), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE status = 'released'`))
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE status = 'failure' AND error = 'PROVIDER_OVERLOADED'`))
}

func TestADatabaseThatIsAwayIsSaidSo(t *testing.T) {
	t.Parallel()
	pool, err := pgdb.Open("postgres://nobody@127.0.0.1:1/none", pgstore.Schema)
	require.NoError(t, err)
	defer pool.Close()
	book := ledger.NewBook(pgstore.New(pool, "one"), time.Now)
	_, err = book.Reserve(t.Context(), hold(uuid.New(), -1))
	require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
	_, err = book.Month(t.Context(), uuid.New(), -1, ledger.NoBudget)
	require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
}
