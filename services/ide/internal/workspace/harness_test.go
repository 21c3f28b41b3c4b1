package workspace_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/fakedriver"
	"atrium.internal/services/ide/internal/driver/fleet"
	"atrium.internal/services/ide/internal/pgstore"
	"atrium.internal/services/ide/internal/template"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestMain(m *testing.M) { leak.Main(m) }

// house is a manager over a real database and a fake driver. Restart gives it
// another manager, as a killed program gets.
type house struct {
	t        *testing.T
	database config.Secret
	store    *pgstore.Store
	driver   *fakedriver.Driver
	// others are drivers of further classes, which the next open knows.
	others []driver.Driver
	// ahead has sandboxes of the fake driver's that were made ahead; it may be nil.
	ahead   fleet.Ahead
	leases  workspace.Leases
	bus     *bus
	replica uuid.UUID
	// leaseFor is zero for the usual time.
	leaseFor time.Duration
	// dormantAfter is zero where unused workspaces are kept.
	dormantAfter time.Duration
	notices      notices
	editor       editor
	clock        *clock
	manager      *workspace.Manager
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, database: testdb.New(t), driver: fakedriver.New(), editor: editor{}, clock: &clock{now: time.Now()}}
	require.NoError(t, pgstore.Migrate(t.Context(), h.database, slog.New(slog.DiscardHandler)))
	pool, err := pgdb.Open(h.database, pgstore.Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	h.store = pgstore.New(pool)
	h.notices.sent = &[]workspace.Workspace{}
	h.notices.failing = new(error)
	h.leases, h.bus, h.replica = h.store, newBus(), uuid.New()
	h.open()
	t.Cleanup(func() { h.kill() })
	return h
}

// open starts a manager whose reconciler runs only when the test says so.
func (h *house) open() {
	drivers := fleet.New(h.driver, h.others...)
	if h.ahead != nil {
		drivers.Ahead(h.driver.Name(), h.ahead)
	}
	h.manager = workspace.New(
		workspace.Settings{
			AutostopAfter: 2 * time.Hour, StartTimeout: 20 * time.Second, Interval: time.Hour, Processes: 100, Replica: h.replica, LeaseFor: h.leaseFor,
			DormantAfter: h.dormantAfter, DormantNotice: week,
		},
		workspace.Deps{
			Store: h.store, Journal: h.store, Ledger: h.store, Removals: h.store, Shares: h.store, Leases: h.leases, Bus: h.bus,
			Driver: drivers, Volumes: h.driver, Notices: h.notices, Editor: h.editor, Templates: template.Set{},
			Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)), Now: h.clock.Now,
		})
	h.manager.Start(context.Background())
}

// kill ends the manager as SIGKILL would: no step gets to tidy up.
func (h *house) kill() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(h.t, h.manager.Stop(ctx))
}

func (h *house) user() principal.Principal {
	h.t.Helper()
	return principal.Principal{
		Kind: principal.User, UserID: testdb.AddUser(h.t, h.database), SessionID: uuid.New(),
		Plan: principal.Plan{IDESecondsMonthly: 3600, StorageBytes: -1, CPUMillis: 1000, MemoryBytes: 1 << 30, Workspaces: 5},
	}
}

func (h *house) create(u principal.Principal, name string) workspace.Workspace {
	h.t.Helper()
	w, err := h.manager.Create(h.t.Context(), u, name, "", "")
	require.NoError(h.t, err)
	return w
}

// run creates a workspace and brings it up.
func (h *house) run(u principal.Principal, name string) workspace.Workspace {
	h.t.Helper()
	w := h.create(u, name)
	_, err := h.manager.Launch(h.t.Context(), u, w.ID)
	require.NoError(h.t, err)
	return h.await(w.ID, workspace.Running)
}

func (h *house) await(id uuid.UUID, status workspace.Status) workspace.Workspace {
	h.t.Helper()
	var w workspace.Workspace
	require.Eventually(h.t, func() bool {
		var err error
		w, err = h.store.Get(h.t.Context(), id)
		return err == nil && w.Status == status
	}, 20*time.Second, 5*time.Millisecond, "want status %s", status)
	return w
}

// awaitGone waits until row, sandbox and files are gone.
func (h *house) awaitGone(w workspace.Workspace) {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		_, err := h.store.Get(h.t.Context(), w.ID)
		exists, _ := h.driver.Sandbox(w.ID)
		return err != nil && !exists && !h.driver.HasVolume(volumeOf(w))
	}, 20*time.Second, 5*time.Millisecond)
}

func (h *house) steps(id uuid.UUID) []workspace.Step {
	h.t.Helper()
	events, err := h.store.Events(h.t.Context(), id, 0, 1000)
	require.NoError(h.t, err)
	var steps []workspace.Step
	for i, e := range events {
		require.Equal(h.t, events[0].Seq+int64(i), e.Seq, "sequence numbers have no gaps")
		steps = append(steps, e.Step)
	}
	return steps
}

func (h *house) openStretches(id uuid.UUID) int {
	h.t.Helper()
	return testdb.Value[int](h.t, h.database, `SELECT count(*) FROM ide.ide_uptime WHERE workspace_id = $1 AND ended_at IS NULL`, id)
}

const week = 7 * 24 * time.Hour

// notices is a mail server that may fail.
type notices struct {
	sent    *[]workspace.Workspace
	failing *error
}

func (n notices) Dormant(_ context.Context, w workspace.Workspace) error {
	if *n.failing != nil {
		return *n.failing
	}
	*n.sent = append(*n.sent, w)
	return nil
}

// editor answers as soon as it can be reached.
type editor struct{}

func (editor) Await(ctx context.Context, dial func(context.Context) (net.Conn, error)) error {
	conn, err := dial(ctx)
	if err != nil {
		return err
	}
	return conn.Close()
}

// clock is the real one, moved ahead.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bus tells watchers of this process.
type bus struct {
	mu       sync.Mutex
	watchers map[chan struct{}]uuid.UUID
	others   chan uuid.UUID
	// peer is another process's bus.
	peer *bus
}

func (b *bus) Others() <-chan uuid.UUID { return b.others }

func newBus() *bus {
	return &bus{watchers: map[chan struct{}]uuid.UUID{}, others: make(chan uuid.UUID, 100)}
}

func (b *bus) Publish(_ context.Context, id uuid.UUID) {
	if b.peer != nil {
		select {
		case b.peer.others <- id:
		default:
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for news, watched := range b.watchers {
		if watched == id {
			select {
			case news <- struct{}{}:
			default:
			}
		}
	}
}

func (b *bus) Subscribe(id uuid.UUID) (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	news := make(chan struct{}, 1)
	b.watchers[news] = id
	return news, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, news)
	}
}
