package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/workspace"
)

// shortLease is what these tests wait for.
const shortLease = time.Second

// mortal are the leases of a replica that can be cut off from the database's
// leases, as one that is killed or hangs is.
type mortal struct {
	workspace.Leases
	cut atomic.Bool
}

var errCut = errors.New("cut off")

func (m *mortal) Renew(ctx context.Context, ids []uuid.UUID, holder uuid.UUID, lasts time.Duration) ([]uuid.UUID, error) {
	if m.cut.Load() {
		return nil, errCut
	}
	return m.Leases.Renew(ctx, ids, holder, lasts)
}

func (m *mortal) Release(ctx context.Context, ids []uuid.UUID, holder uuid.UUID) error {
	if m.cut.Load() {
		return errCut
	}
	return m.Leases.Release(ctx, ids, holder)
}

// newReplicas gives two services on one database, over one driver that both see.
func newReplicas(t *testing.T) (one, two *house, fate *mortal) {
	one = newHouse(t)
	one.kill()
	fate = &mortal{Leases: one.store}
	one.leases, one.leaseFor = fate, shortLease
	copied := *one
	two = &copied
	two.leases, two.bus, two.replica = one.store, newBus(), uuid.New()
	one.bus.peer, two.bus.peer = two.bus, one.bus
	one.open()
	two.open()
	t.Cleanup(two.kill)
	return one, two, fate
}

func TestTwoReplicasNeverActOnOneWorkspace(t *testing.T) {
	one, two, _ := newReplicas(t)
	u := one.user()
	u.Plan.Workspaces = 20
	var all sync.WaitGroup
	for i := range 10 {
		w := one.create(u, fmt.Sprintf("w%d", i))
		asked := []*house{one, two}[i%2]
		_, err := asked.manager.Launch(t.Context(), u, w.ID)
		require.NoError(t, err)
		for _, h := range []*house{one, two} {
			all.Go(func() { h.manager.Reconcile(t.Context()) })
		}
		all.Go(func() { one.await(w.ID, workspace.Running) })
	}
	all.Wait()
	require.Equal(t, 10, one.driver.Count("Prepare"), "each was made once")
	require.Equal(t, 10, one.driver.Count("Attach"))
}

func TestAnotherReplicaIsAskedToStop(t *testing.T) {
	one, two, _ := newReplicas(t)
	u := one.user()
	w := one.run(u, "one")
	_, err := two.manager.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	one.await(w.ID, workspace.Stopped) // without anybody's reconciler
	exists, _ := one.driver.Sandbox(w.ID)
	require.False(t, exists)

	// Also while it is being started.
	reached, release := one.driver.Hold("Attach")
	defer release()
	_, err = one.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	<-reached
	_, err = two.manager.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	one.await(w.ID, workspace.Stopped)
}

// TestAReplicaThatIsKilledInAStartIsFollowed is fault row 5 for several services.
func TestAReplicaThatIsKilledInAStartIsFollowed(t *testing.T) {
	for _, at := range []string{"Ensure", "Prepare", "Attach", "Dial"} {
		t.Run(at, func(t *testing.T) {
			one, two, fate := newReplicas(t)
			one.bus.peer = nil // else the other may be the faster one
			u := one.user()
			w := one.create(u, "one")
			reached, release := one.driver.Hold(at)
			defer release()
			_, err := one.manager.Launch(t.Context(), u, w.ID)
			require.NoError(t, err)
			<-reached
			prepared := one.driver.Count("Prepare")

			fate.cut.Store(true)
			began := time.Now()
			one.kill()
			two.manager.Reconcile(t.Context())
			if time.Since(began) < shortLease/2 { // on a busy machine the lease is over by now
				require.Equal(t, prepared, one.driver.Count("Prepare"), "the dead replica's lease still holds")
			}
			release()
			require.Eventually(t, func() bool {
				two.manager.Reconcile(t.Context())
				w, err := two.store.Get(t.Context(), w.ID)
				return err == nil && w.Status == workspace.Running
			}, 20*time.Second, 50*time.Millisecond)
			require.GreaterOrEqual(t, time.Since(began), shortLease/2)
			exists, running := one.driver.Sandbox(w.ID)
			require.True(t, exists && running)
			require.Equal(t, 1, two.openStretches(w.ID))
		})
	}
}

func TestAReplicaThatHangsLosesItsWorkspace(t *testing.T) {
	one, two, fate := newReplicas(t)
	one.bus.peer = nil
	u := one.user()
	w := one.create(u, "one")
	reached, release := one.driver.Hold("Attach")
	defer release()
	_, err := one.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	<-reached
	fate.cut.Store(true) // it can renew no more, and its start goes on and on

	require.Eventually(t, func() bool {
		two.manager.Reconcile(t.Context())
		return one.driver.Count("Stop") > 0 // of what the other had begun
	}, 20*time.Second, 50*time.Millisecond)
	release()
	two.await(w.ID, workspace.Running)
	require.Equal(t, 2, one.driver.Count("Prepare"))
	events := two.steps(w.ID)
	require.Equal(t, workspace.StepReady, events[len(events)-1])
	require.NotContains(t, events, workspace.StepError, "the one that hung says nothing")
}

// TestWhoIsAskedLooksBeforeItRefuses: what a replica knows is older than what
// another has just done, and its reconciler does not run in this test.
func TestWhoIsAskedLooksBeforeItRefuses(t *testing.T) {
	one, two, _ := newReplicas(t)
	u := one.user()
	w := one.create(u, "one")
	two.bus.peer, one.bus.peer = nil, nil
	dial := func() error {
		conn, err := two.manager.Dial(t.Context(), w.ID, 0)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	require.ErrorIs(t, dial(), workspace.ErrNotRunning, "it never was started")

	reached, release := one.driver.Hold("Attach")
	_, err := one.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	<-reached
	two.manager.Reconcile(t.Context()) // it sees a sandbox that is not ready
	require.ErrorIs(t, dial(), workspace.ErrNotRunning)
	release()
	one.await(w.ID, workspace.Running)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := dial(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, err = two.manager.Terminal(t.Context(), u.UserID, w.ID, driver.Terminal{Session: "one"})
	require.NoError(t, err)

	// It is stopped and started again without the other's hearing of it.
	_, err = one.manager.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	one.await(w.ID, workspace.Stopped)
	require.ErrorIs(t, dial(), workspace.ErrNotRunning)
	_, err = one.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	one.await(w.ID, workspace.Running)
	require.NoError(t, dial())
	two.manager.Reconcile(t.Context())
	require.NoError(t, dial())
}
