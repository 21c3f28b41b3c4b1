package pgstore_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/journal"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
)

// leasing is the book of a process with a journal, which takes room from leases.
func leasing(t *testing.T, db *dbtest.DB, c *clock, instance string, within int64) *ledger.Book {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), instance))
	require.NoError(t, err)
	return ledger.NewBook(pgstore.New(db.Pool, instance), c.now).Noting(j).Within(within)
}

// rows counts the entries of a status.
func rows(t *testing.T, db *dbtest.DB, status string) int64 {
	t.Helper()
	return db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE status = $1`, status)
}

func TestALeaseHasACallsRoomWithoutAsking(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, user := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t)
	const limit = 100_000
	_, err := book.ReserveNew(t.Context(), hold(user, limit))
	require.NoError(t, err)
	require.Equal(t, int64(1), rows(t, db, "reserved"))

	short, err := book.ReserveNew(t.Context(), hold(user, limit))
	require.NoError(t, err)
	require.Equal(t, int64(1), rows(t, db, "reserved"), "the lease had the room")
	_, err = book.Settle(t.Context(), short, ledger.Outcome{Tokens: tariff.Tokens{Input: 3, Output: 4}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
	require.Equal(t, int64(1), rows(t, db, "settled"), "its one row")

	_, err = book.ReserveNew(t.Context(), hold(user, limit))
	require.NoError(t, err)
	month, err := book.Month(t.Context(), user, limit, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, int64(100+7+100), month.Tokens, "what runs is shown, what is only set aside is not")
	require.Equal(t, int64(2), rows(t, db, "reserved"))

	bigger := hold(user, limit)
	bigger.Limit = 206
	_, err = book.ReserveNew(t.Context(), bigger)
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded, "another plan has no lease")
	require.Equal(t, "207", apperr.From(err).Metadata["used"])
}

// keeping runs a book's Keep until stop, which waits for its end.
func keeping(t *testing.T, book *ledger.Book) (stop func()) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	var kept sync.WaitGroup
	kept.Go(func() { book.Keep(ctx, func(err error) { t.Error(err) }) })
	return func() { end(); kept.Wait() }
}

func TestALongCallGetsItsRow(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, user := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t)
	defer keeping(t, book)()
	for range 2 {
		_, err := book.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return rows(t, db, "reserved") == 2 }, 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return db.Count(t, `SELECT count(*) FROM ai.leases`) == 0 }, 20*time.Second, 50*time.Millisecond)
}

func TestALongCallGetsItsRowWhileOthersCome(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, user := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t)
	defer keeping(t, book)()
	var long ledger.Reservation
	for range 2 { // the first has its row, and the lease
		var err error
		long, err = book.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		short, err := book.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
		_, err = book.Settle(t.Context(), short, ledger.Outcome{Tokens: tariff.Tokens{Input: 3, Output: 4}, CountedBy: ledger.ByProvider})
		require.NoError(t, err)
		return db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'reserved'`, long.ID) == 1
	}, 10*time.Second, 5*time.Millisecond)
}

// A call that names itself takes its room from the lease, too, but others see its
// row at once, and so whoever uses its name again.
func TestACallThatNamesItselfHasItsRowAtOnce(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, user := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t)
	const limit = 100_000
	_, err := book.Reserve(t.Context(), hold(user, limit))
	require.NoError(t, err)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.leases`))
	_, err = db.Admin.Exec(t.Context(), `UPDATE ai.callers SET username = 'unasked'`)
	require.NoError(t, err)

	named := hold(user, limit)
	r, err := book.Reserve(t.Context(), named)
	require.NoError(t, err)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.callers WHERE username = 'unasked'`), "the lease had the room")
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'reserved'`, r.ID))

	var wait sync.WaitGroup
	var reused, in atomic.Int64
	for range 4 { // stored together, of which one spoils nothing for the others
		for _, h := range []ledger.Hold{named, hold(user, limit)} {
			wait.Go(func() {
				switch _, err := book.Reserve(t.Context(), h); {
				case errors.Is(err, ledger.ErrRequestReused):
					reused.Add(1)
				case err == nil:
					in.Add(1)
				default:
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	require.Equal(t, int64(4), reused.Load())
	require.Equal(t, int64(4), in.Load())
	require.Equal(t, int64(6), rows(t, db, "reserved"))
	_, err = book.Settle(t.Context(), r, ledger.Outcome{Tokens: tariff.Tokens{Input: 3, Output: 4}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
}

// Leases of two processes, of every size, and calls that take or leave what they
// reserved: at no time is more held than the limits say, and at the end all of it
// can be used.
func TestLeasesNeverLetMoreIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ limit, budget, within, most int64 }{
		"tokens":                  {limit: 150 * 100, budget: -1, within: -1, most: 150},
		"a plan's money":          {limit: -1, budget: 150 * oneCall, within: -1, most: 150},
		"the deployment's money":  {limit: -1, budget: -1, within: 150 * oneCall, most: 150},
		"all of them, and a cent": {limit: 150*100 + 99, budget: 149*oneCall + 1387, within: 150 * oneCall, most: 149},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _, clock := newBook(t)
			user := db.User(t)
			books := []*ledger.Book{leasing(t, db, clock, "one", test.within), leasing(t, db, clock, "two", test.within)}
			ctx, stop := context.WithCancel(t.Context())
			var kept, wait sync.WaitGroup
			for _, b := range books {
				kept.Go(func() { b.Keep(ctx, func(err error) { t.Error(err) }) })
			}
			var in, refused atomic.Int64
			for i := range 8 {
				wait.Go(func() {
					for n := range 25 {
						h := hold(user, test.limit)
						h.Budget = test.budget
						limited, cancel := context.WithTimeout(t.Context(), 30*time.Second)
						reserve := books[i%2].ReserveNew
						if n%2 == 0 { // as one that names itself
							reserve = books[i%2].Reserve
						}
						_, err := reserve(limited, h)
						cancel()
						switch apperr.From(err).Reason {
						case "QUOTA_EXCEEDED", "BUDGET_EXCEEDED":
							refused.Add(1)
						default:
							if err != nil {
								t.Error(err)
							}
							in.Add(1)
						}
					}
				})
			}
			wait.Wait()
			stop()
			kept.Wait()
			for _, b := range books {
				require.NoError(t, b.Write(t.Context()))
			}
			require.Equal(t, test.most, in.Load())
			require.Equal(t, 200-test.most, refused.Load())
			require.Equal(t, test.most, rows(t, db, "reserved"))
		})
	}
}

func TestWhatAnotherProcessSetAsideIsWaitedFor(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	one, two, user := leasing(t, db, clock, "one", ledger.NoBudget), leasing(t, db, clock, "two", ledger.NoBudget), db.User(t)
	_, err := one.ReserveNew(t.Context(), hold(user, 10_000))
	require.NoError(t, err)
	require.Equal(t, int64((10_000-100)/8), db.Count(t, `SELECT tokens FROM ai.leases`))
	rest := hold(user, 10_000)
	rest.MaxOutput = 10_000 - 100 - rest.Input
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = two.ReserveNew(short, rest)
	require.ErrorIs(t, err, ledger.ErrHeldElsewhere, "it is neither used nor to be had")

	ctx, stop := context.WithCancel(t.Context())
	var kept sync.WaitGroup
	kept.Go(func() { one.Keep(ctx, func(err error) { t.Error(err) }) })
	_, err = two.ReserveNew(t.Context(), rest)
	require.NoError(t, err)
	_, err = one.ReserveNew(t.Context(), hold(user, 10_000))
	require.ErrorIs(t, err, ledger.ErrQuotaExceeded)
	stop()
	kept.Wait()
}

func TestAKilledProcessLeavesASettledRowOfWhatItTookFromALease(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	dir, user := t.TempDir(), db.User(t)
	j, err := journal.Open(dir)
	require.NoError(t, err)
	killed := ledger.NewBook(pgstore.New(db.Pool, "one"), clock.now).Noting(j)
	var all []ledger.Reservation
	for range 3 {
		r, err := killed.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
		all = append(all, r)
	}
	away, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = killed.Settle(away, all[2], ledger.Outcome{Tokens: tariff.Tokens{Input: 12, Output: 80}, CountedBy: ledger.ByProvider})
	require.Error(t, err)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage`))

	again, err := journal.Open(dir)
	require.NoError(t, err)
	restarted := ledger.NewBook(pgstore.New(db.Pool, "one"), clock.now).Noting(again)
	recovered, err := restarted.Recover(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, recovered)
	closed, err := restarted.Sweep(t.Context(), time.Minute, "one", priceOf)
	require.NoError(t, err)
	require.Equal(t, 2, closed)
	for i, tokens := range []int64{10, 10, 92} {
		require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE id = $1 AND status = 'settled' AND charged_tokens = $2`, all[i].ID, tokens))
	}
	require.NoError(t, restarted.Prove(t.Context()))
	require.Empty(t, journalFiles(t, dir))
}

func TestAnAttemptFromALeaseThatIsMadeAgainHasItsRow(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, user := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t)
	var last ledger.Reservation
	var err error
	for range 2 {
		last, err = book.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
	}
	next, err := book.Retry(t.Context(), last, last.By)
	require.NoError(t, err)
	require.Equal(t, int64(1), rows(t, db, "released"))
	_, err = book.Settle(t.Context(), next, ledger.Outcome{Tokens: tariff.Tokens{Input: 1, Output: 1}, CountedBy: ledger.ByProvider})
	require.NoError(t, err)
	require.Equal(t, int64(1), rows(t, db, "settled"))
}

func TestADeletedAccountsCallFromALeaseEnds(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	book, gone, other := leasing(t, db, clock, "one", ledger.NoBudget), db.User(t), db.User(t)
	var last ledger.Reservation
	for _, user := range []uuid.UUID{gone, gone, other, other} {
		r, err := book.ReserveNew(t.Context(), hold(user, 100_000))
		require.NoError(t, err)
		if user == gone {
			last = r
		}
	}
	_, err := db.Admin.Exec(t.Context(), `DELETE FROM auth.users WHERE id = $1`, gone)
	require.NoError(t, err)
	require.NoError(t, book.Write(t.Context()))
	require.Equal(t, int64(2), rows(t, db, "reserved"), "the other's")
	_, err = book.Settle(t.Context(), last, ledger.Outcome{CountedBy: ledger.ByProvider})
	require.ErrorIs(t, err, ledger.ErrUserGone)
}

// counting is a store that counts what it is asked for, and holds the first of it
// until it is let go.
type counting struct {
	ledger.Store
	asked          atomic.Int64
	begun, release chan struct{}
}

func (c *counting) Reserve(ctx context.Context, all []ledger.Request, budget int64) ([]ledger.Room, []error) {
	if c.asked.Add(int64(len(all))) == 1 {
		close(c.begun)
		<-c.release
	}
	return c.Store.Reserve(ctx, all, budget)
}

// The month is summed up once for those who come together, and seldom for those
// who come often.
func TestACrowdAsksForOneLease(t *testing.T) {
	t.Parallel()
	db, _, clock := newBook(t)
	store := &counting{Store: pgstore.New(db.Pool, "one"), begun: make(chan struct{}), release: make(chan struct{})}
	j, err := journal.Open(filepath.Join(t.TempDir(), "one"))
	require.NoError(t, err)
	book, user := ledger.NewBook(store, clock.now).Noting(j), db.User(t)
	const limit = 1_000_000_000
	var wait sync.WaitGroup
	call := func() {
		_, err := book.ReserveNew(t.Context(), hold(user, limit))
		if err != nil {
			t.Error(err)
		}
	}
	wait.Go(call)
	<-store.begun
	for range 32 {
		wait.Go(call)
	}
	time.Sleep(50 * time.Millisecond) // they come before there is a lease
	close(store.release)
	wait.Wait()
	require.Equal(t, int64(1), store.asked.Load())

	for range 1000 {
		call()
	}
	require.Less(t, store.asked.Load(), int64(12), "a lease is for as many as will come, not for 32")
}
