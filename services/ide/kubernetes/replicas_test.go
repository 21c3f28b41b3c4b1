package kubernetes

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
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/fleet"
	"atrium.internal/services/ide/internal/editor"
	"atrium.internal/services/ide/internal/pgstore"
	"atrium.internal/services/ide/internal/template"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

// dying is the driver of a replica that gets no further than to a pod.
type dying struct {
	*Driver
	reached chan struct{}
	once    sync.Once
}

func (d *dying) Attach(ctx context.Context, _ driver.Handle, _ driver.Volume) (driver.Handle, error) {
	d.once.Do(func() { close(d.reached) })
	<-ctx.Done()
	return driver.Handle{}, context.Cause(ctx)
}

// mortal are the leases of a replica that is cut off, as a killed one is.
type mortal struct {
	workspace.Leases
	cut atomic.Bool
}

func (m *mortal) Renew(ctx context.Context, ids []uuid.UUID, holder uuid.UUID, lasts time.Duration) ([]uuid.UUID, error) {
	if m.cut.Load() {
		return nil, errors.New("cut off")
	}
	return m.Leases.Renew(ctx, ids, holder, lasts)
}

func (m *mortal) Release(ctx context.Context, ids []uuid.UUID, holder uuid.UUID) error {
	if m.cut.Load() {
		return errors.New("cut off")
	}
	return m.Leases.Release(ctx, ids, holder)
}

// silent is a bus whose news reach nobody.
type silent struct{}

func (silent) Publish(context.Context, uuid.UUID) {}
func (silent) Others() <-chan uuid.UUID           { return nil }
func (silent) Subscribe(uuid.UUID) (<-chan struct{}, func()) {
	return make(chan struct{}), func() {}
}

func newManager(t *testing.T, url config.Secret, d driver.Driver, v driver.Volumes, cut *mortal, lease time.Duration) *workspace.Manager {
	t.Helper()
	pool, err := pgdb.Open(url, pgstore.Schema)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store := pgstore.New(pool)
	cut.Leases = store
	m := workspace.New(
		workspace.Settings{AutostopAfter: time.Hour, StartTimeout: time.Minute, Interval: time.Hour, Processes: 100, Replica: uuid.New(), LeaseFor: lease},
		workspace.Deps{
			Store: store, Journal: store, Ledger: store, Removals: store, Shares: store, Leases: cut, Bus: silent{},
			Driver: fleet.New(d), Volumes: v, Editor: editor.Probe{Every: 50 * time.Millisecond}, Templates: template.Set{},
			Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
	m.Start(context.Background())
	t.Cleanup(func() { stop(t, m) })
	return m
}

func stop(t *testing.T, m *workspace.Manager) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, m.Stop(ctx))
}

// TestAReplicaThatIsKilledInAStartIsFollowed: of two ide services one dies when
// it has made the pod. While its lease lasts the other leaves the pod alone; then
// it ends that pod and starts one of its own, and there are never two.
func TestAReplicaThatIsKilledInAStartIsFollowed(t *testing.T) {
	t.Parallel() // they mostly wait, each in a namespace of its own
	r := needRig(t)
	url := testdb.New(t)
	require.NoError(t, pgstore.Migrate(t.Context(), url, slog.New(slog.DiscardHandler)))
	const lease = 6 * time.Second
	first, second := r.driver(t), r.driver(t)
	held := &dying{Driver: first, reached: make(chan struct{})}
	fate := &mortal{}
	one := newManager(t, url, held, first.Volumes(), fate, lease)
	two := newManager(t, url, second, second.Volumes(), &mortal{}, lease)

	u := principal.Principal{
		Kind: principal.User, UserID: testdb.AddUser(t, url), SessionID: uuid.New(),
		Plan: principal.Plan{IDESecondsMonthly: 3600, StorageBytes: -1, CPUMillis: 1000, MemoryBytes: 1 << 30, Workspaces: 5},
	}
	w, err := one.Create(t.Context(), u, "one", "", "")
	require.NoError(t, err)
	_, err = one.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	<-held.reached
	// pod is the unique id of the only pod; none while one ends and the other begins.
	pod := func() string {
		list, err := r.admin.CoreV1().Pods(r.namespace).List(t.Context(), meta.ListOptions{LabelSelector: labelWorkspace + "=" + w.ID.String()})
		require.NoError(t, err)
		require.LessOrEqual(t, len(list.Items), 1, "there are never two")
		if len(list.Items) == 0 {
			return ""
		}
		return string(list.Items[0].UID)
	}
	before := pod()
	require.NotEmpty(t, before)

	fate.cut.Store(true)
	killed := time.Now()
	stop(t, one)
	two.Reconcile(t.Context())
	if time.Since(killed) < lease/3 { // on a busy machine the lease is over by now
		require.Equal(t, before, pod(), "the dead replica's lease still holds")
	}
	require.Eventually(t, func() bool {
		two.Reconcile(t.Context())
		pod()
		w, err := two.Get(t.Context(), u.UserID, w.ID)
		return err == nil && w.Status == workspace.Running
	}, 2*time.Minute, 250*time.Millisecond)
	after := pod()
	require.NotEmpty(t, after)
	require.NotEqual(t, before, after, "a pod that was told nothing is begun anew")

	_, err = two.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool { two.Reconcile(t.Context()); return pod() == "" }, time.Minute, 250*time.Millisecond)
}
