package alert_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/pgstore"
	"atrium.internal/services/ai/internal/tariff"
)

func TestMain(m *testing.M) { leak.Main(m) }

var mayday = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// bench is a ledger with replicas that watch it, at a time that a test sets.
type bench struct {
	*testing.T
	db      *dbtest.DB
	at      atomic.Pointer[time.Time]
	book    *ledger.Book
	watches []*alert.Watch
	sent    outside
}

// outside is where alerts go.
type outside struct {
	mu   sync.Mutex
	sent []alert.Alert
	fail error
}

func (o *outside) Send(_ context.Context, a alert.Alert) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.sent = append(o.sent, a)
	return nil
}

func (o *outside) failing(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail = err
}

func (o *outside) all() []alert.Alert {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]alert.Alert(nil), o.sent...)
}

func newBench(t *testing.T, budget int64) *bench {
	b := &bench{T: t, db: dbtest.New(t)}
	b.set(mayday)
	for range 2 {
		b.watches = append(b.watches, alert.New(alert.Options{
			Log: slog.New(slog.DiscardHandler), Store: pgstore.NewAlerts(b.db.Pool), Budget: budget, Now: b.now,
			Senders: map[alert.Channel]alert.Sender{alert.Webhook: &b.sent},
		}))
	}
	b.book = ledger.NewBook(pgstore.New(b.db.Pool, "one"), b.now).Within(budget).Watched(b.watches[0])
	return b
}

func (b *bench) set(t time.Time) { b.at.Store(&t) }
func (b *bench) now() time.Time  { return *b.at.Load() }

// use has an account use tokens of a plan; each costs a micro-dollar.
func (b *bench) use(user uuid.UUID, tokens, limit, budget int64) error {
	r, err := b.book.Reserve(b.Context(), ledger.Hold{
		UserID: user, Username: "ada", Plan: "free", RequestID: uuid.New(), Model: "m", Source: "chat",
		By:    ledger.By{Provider: "p", Price: tariff.Price{Input: 1_000_000, Output: 1_000_000}},
		Input: tokens, Limit: limit, Budget: budget,
	})
	if err == nil {
		_, err = b.book.Settle(b.Context(), r, ledger.Outcome{Tokens: tariff.Tokens{Input: tokens}, CountedBy: ledger.ByProvider})
	}
	return err
}

// look has all replicas look at once, several times.
func (b *bench) look() {
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() { b.watches[i%2].Look(b.Context()) })
	}
	wait.Wait()
}

// raised are the alerts that there are, as kind, whose and part.
func (b *bench) raised() (all []string) {
	rows, err := b.db.Admin.Query(b.Context(), `SELECT kind || ' ' || CASE WHEN user_id IS NULL THEN 'all' ELSE 'user' END || ' ' || percent
		FROM ai.alerts WHERE month = $1 ORDER BY 1`, ledger.MonthOf(b.now()))
	require.NoError(b, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(b, rows.Scan(&text))
		all = append(all, text)
	}
	return all
}

// run lets a replica look and send until what it sends is as wanted.
func (b *bench) run(done func() bool) {
	ctx, cancel := context.WithCancel(b.Context())
	var wait sync.WaitGroup
	wait.Go(func() { b.watches[0].Run(ctx) })
	require.Eventually(b, done, 20*time.Second, 10*time.Millisecond)
	cancel()
	wait.Wait()
}

func (b *bench) outbox(status string) int64 {
	return b.db.Count(b.T, `SELECT count(*) FROM ai.alert_deliveries WHERE status = $1`, status)
}

func TestEachThresholdIsToldOnceByWhomeverLooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, 400)
	ada := b.db.User(t)
	require.NoError(t, b.use(ada, 49, 100, 200))
	b.look()
	require.Empty(t, b.raised())
	require.NoError(t, b.use(ada, 1, 100, 200))
	b.look()
	require.Equal(t, []string{"tokens user 50"}, b.raised(), "half of the plan's tokens, a quarter of its money")
	require.NoError(t, b.use(ada, 50, 100, 200))
	b.look()
	require.Equal(t, []string{"budget user 50", "tokens user 100", "tokens user 50", "tokens user 80"}, b.raised())
	require.NoError(t, b.use(b.db.User(t), 100, 1_000_000, -1))
	b.look()
	b.look()
	require.Equal(t, []string{"budget all 50", "budget user 50", "tokens user 100", "tokens user 50", "tokens user 80"}, b.raised())
	require.Equal(t, int64(5), b.db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'ai.budget.alert'`), "each with one row in the audit log")
	require.Equal(t, int64(1), b.db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE resource_id = 'deployment' AND user_id IS NULL`))
	require.Equal(t, int64(5), b.outbox("pending"))
	b.set(mayday.AddDate(0, 1, 0))
	require.NoError(t, b.use(ada, 50, 100, -1))
	b.look()
	require.Equal(t, []string{"tokens user 50"}, b.raised(), "a new month tells again")
}

func TestARefusalTellsThatAllIsUsed(t *testing.T) {
	t.Parallel()
	b := newBench(t, 1000)
	ada := b.db.User(t)
	require.NoError(t, b.use(ada, 70, 100, -1))
	require.Error(t, b.use(ada, 90, 100, -1))
	require.Empty(t, b.raised(), "one large call that does not fit is not the end of the plan")
	require.NoError(t, b.use(ada, 15, 100, -1))
	for range 3 {
		require.Error(t, b.use(ada, 20, 100, -1))
	}
	require.Equal(t, []string{"tokens user 100"}, b.raised(), "at once, and once")
	require.NoError(t, b.use(ada, 815, -1, -1))
	require.Error(t, b.use(ada, 200, -1, -1))
	require.Equal(t, []string{"budget all 100", "tokens user 100"}, b.raised())
	require.Error(t, b.use(ada, 50, -1, 901))
	require.Equal(t, []string{"budget all 100", "budget user 100", "tokens user 100"}, b.raised())
}

func TestAnAlertIsSentUntilItHasArrived(t *testing.T) {
	t.Parallel()
	b := newBench(t, -1)
	ada := b.db.User(t)
	require.NoError(t, b.use(ada, 50, 100, -1))
	b.sent.failing(&alert.SendError{Reason: "HTTP_503"})
	failed := func(attempts int64) func() bool {
		return func() bool {
			return b.db.Count(t, `SELECT count(*) FROM ai.alert_deliveries WHERE status = 'pending' AND attempts = $1 AND reason = 'HTTP_503'`, attempts) == 1
		}
	}
	b.run(failed(1))
	b.set(b.now().Add(29 * time.Second))
	b.watches[1].Look(t.Context())
	require.True(t, failed(1)(), "not yet")
	b.set(b.now().Add(time.Second))
	b.run(failed(2)) // another start of the service: the outbox is not its memory
	b.sent.failing(nil)
	b.set(b.now().Add(time.Minute))
	b.run(func() bool { return b.outbox("delivered") == 1 })
	sent := b.sent.all()
	require.Len(t, sent, 1)
	require.Equal(t, alert.Alert{
		ID: sent[0].ID, UserID: &ada, Username: "ada", Kind: alert.Tokens, Month: mayday.Truncate(24 * time.Hour), Percent: 50,
		Used: 50, Limit: 100, RaisedAt: mayday,
	}, sent[0])
	listed, err := pgstore.NewAlerts(b.db.Pool).List(t.Context(), ledger.MonthOf(mayday))
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, []alert.Delivery{{Channel: alert.Webhook, Status: alert.Delivered, Attempts: 3}}, listed[0].Deliveries)
}

func TestWhatCanNotBeSentIsGivenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, -1)
	require.NoError(t, b.use(b.db.User(t), 50, 100, -1))
	b.sent.failing(errors.New("out of order"))
	b.look()
	for attempt := range alert.MaxAttempts {
		b.run(func() bool {
			return b.db.Count(t, `SELECT coalesce(max(attempts), 0) FROM ai.alert_deliveries WHERE reason <> ''`) == int64(attempt+1)
		})
		b.set(b.now().Add(time.Hour))
		_, err := b.db.Admin.Exec(t.Context(), `UPDATE ai.alert_deliveries SET reason = '' WHERE status = 'pending'`)
		require.NoError(t, err)
	}
	require.Equal(t, int64(1), b.outbox("failed"))

	b.sent.failing(alert.ErrOff)
	require.NoError(t, b.use(b.db.User(t), 50, 100, -1))
	b.run(func() bool { return b.outbox("off") == 1 })
}

func TestReplicasSendOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, -1)
	for range 20 {
		require.NoError(t, b.use(b.db.User(t), 50, 100, -1))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for _, watch := range b.watches {
		wait.Go(func() { watch.Run(ctx) })
	}
	require.Eventually(t, func() bool { return b.outbox("delivered") == 20 }, 20*time.Second, 10*time.Millisecond)
	cancel()
	wait.Wait()
	require.Len(t, b.sent.all(), 20)
}
