package workspace_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func volumeOf(w workspace.Workspace) driver.Volume {
	return driver.Volume{WorkspaceID: w.ID, Owner: w.UserID}
}

func TestLife(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	require.Equal(t, "fake-1", w.ContainerID)
	require.Equal(t, int64(1000), w.Limits.CPUMillis)
	require.Equal(t, 1, h.openStretches(w.ID))

	again, err := h.manager.Launch(t.Context(), u, w.ID)
	require.NoError(t, err)
	require.Equal(t, workspace.Running, again.Status, "starting what runs changes nothing")

	_, err = h.manager.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	w = h.await(w.ID, workspace.Stopped)
	require.Equal(t, "You stopped it.", w.StatusReason.Words)
	require.Zero(t, h.openStretches(w.ID))
	exists, _ := h.driver.Sandbox(w.ID)
	require.False(t, exists)
	require.True(t, h.driver.HasVolume(volumeOf(w)), "files stay")
	require.Equal(t, []workspace.Step{"volume", "sandbox", "editor", "ready", "stopping", "stopped"}, h.steps(w.ID))

	require.NoError(t, h.manager.Delete(t.Context(), u.UserID, w.ID))
	h.create(u, "one") // the name is free at once
	h.awaitGone(w)
}

func TestRestart(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	_, err := h.manager.Restart(t.Context(), u, w.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return h.await(w.ID, workspace.Running).ContainerID == "fake-2" }, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, []workspace.Step{"volume", "sandbox", "editor", "ready", "stopping", "stopped", "volume", "sandbox", "editor", "ready"}, h.steps(w.ID))
}

func TestAFailedStartSaysWhyAndLeavesNothing(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	boom := errors.New("boom with details that nobody should read")
	for method, words := range map[string]string{
		"Ensure":  "Your files could not be prepared.",
		"Prepare": "The sandbox could not be made.",
		"Attach":  "VS Code could not be started.",
		"Dial":    "VS Code did not become ready.",
	} {
		h.driver.Fail(method, boom)
		w := h.create(u, method)
		_, err := h.manager.Launch(t.Context(), u, w.ID)
		require.NoError(t, err)
		w = h.await(w.ID, workspace.Failed)
		require.Equal(t, words, w.StatusReason.Words, method)
		require.Equal(t, workspace.WantStopped, w.Desired)
		exists, _ := h.driver.Sandbox(w.ID)
		require.False(t, exists, method)
		h.driver.Fail(method, nil)

		_, err = h.manager.Launch(t.Context(), u, w.ID)
		require.NoError(t, err)
		h.await(w.ID, workspace.Running)
	}
}

func TestStopDuringAStart(t *testing.T) {
	for _, method := range []string{"Ensure", "Prepare", "Attach", "Dial"} {
		t.Run(method, func(t *testing.T) {
			h := newHouse(t)
			u := h.user()
			w := h.create(u, "one")
			reached, release := h.driver.Hold(method)
			defer release()
			_, err := h.manager.Launch(t.Context(), u, w.ID)
			require.NoError(t, err)
			<-reached
			_, err = h.manager.Halt(t.Context(), u.UserID, w.ID)
			require.NoError(t, err)
			h.await(w.ID, workspace.Stopped)
			exists, _ := h.driver.Sandbox(w.ID)
			require.False(t, exists)
		})
	}
}

// TestKilledAtEachStep kills the program in every step of a start, a stop and a
// deletion; the next one carries on.
func TestKilledAtEachStep(t *testing.T) {
	for _, method := range []string{"Ensure", "Prepare", "Attach", "Dial"} {
		t.Run("start at "+method, func(t *testing.T) {
			h := newHouse(t)
			u := h.user()
			w := h.create(u, "one")
			reached, release := h.driver.Hold(method)
			_, err := h.manager.Launch(t.Context(), u, w.ID)
			require.NoError(t, err)
			<-reached
			h.kill()
			release()
			h.open()
			h.await(w.ID, workspace.Running)
			_, running := h.driver.Sandbox(w.ID)
			require.True(t, running)
			if method == "Dial" {
				require.Equal(t, 1, h.driver.Count("Attach"), "what runs already is taken over")
			}
		})
	}
	for _, method := range []string{"Stop", "Destroy"} {
		t.Run("stop at "+method, func(t *testing.T) {
			h := newHouse(t)
			u := h.user()
			w := h.run(u, "one")
			reached, release := h.driver.Hold(method)
			_, err := h.manager.Halt(t.Context(), u.UserID, w.ID)
			require.NoError(t, err)
			<-reached
			h.kill()
			release()
			h.open()
			h.await(w.ID, workspace.Stopped)
			exists, _ := h.driver.Sandbox(w.ID)
			require.False(t, exists)
		})
	}
	for _, method := range []string{"Stop", "Destroy", "Delete"} {
		t.Run("delete at "+method, func(t *testing.T) {
			h := newHouse(t)
			u := h.user()
			w := h.run(u, "one")
			reached, release := h.driver.Hold(method)
			require.NoError(t, h.manager.Delete(t.Context(), u.UserID, w.ID))
			<-reached
			h.kill()
			release()
			_, err := h.manager.Get(t.Context(), u.UserID, w.ID)
			require.ErrorIs(t, err, workspace.ErrNotFound)
			h.open()
			h.awaitGone(w)
		})
	}
}

func TestRunningWorkspacesAreTakenOver(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	h.kill()
	h.open()
	conn, err := h.manager.Dial(t.Context(), w.ID, 0)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Equal(t, 1, h.driver.Count("Attach"), "nothing is started anew")
	require.Equal(t, 1, h.openStretches(w.ID))
}

func TestNothingIsReapedOnAReadError(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	h.kill()
	h.driver.Fail("List", errors.New("unreadable"))
	h.open()
	untouched := func() {
		t.Helper()
		h.manager.Reconcile(t.Context())
		require.Never(t, func() bool {
			now, err := h.store.Get(t.Context(), w.ID)
			_, running := h.driver.Sandbox(w.ID)
			return err != nil || now.Status != workspace.Running || now.Desired != workspace.WantRunning || !running
		}, 300*time.Millisecond, 20*time.Millisecond)
	}
	untouched()
	h.driver.Fail("List", nil)
	h.driver.Fail("Stats", errors.New("unreadable"))
	untouched()
	h.driver.Fail("Stats", nil)
	require.Zero(t, h.driver.Count("Stop"))

	// The database away: the driver's sandboxes are no orphans for that.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.manager.Reconcile(ctx)
	require.Zero(t, h.driver.Count("Stop"))
}

func TestASandboxThatEndsByItself(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	h.driver.Kill(w.ID)
	_, err := h.manager.Dial(t.Context(), w.ID, 0)
	require.ErrorIs(t, err, workspace.ErrNotRunning)
	w = h.await(w.ID, workspace.Failed)
	require.Contains(t, w.StatusReason.Words, "Your files are safe")
	require.Zero(t, h.openStretches(w.ID))
	h.manager.Reconcile(t.Context())
	require.Equal(t, 1, h.driver.Count("Attach"), "it is not started by itself")
}

func TestOrphansAreEnded(t *testing.T) {
	h := newHouse(t)
	orphan := uuid.New()
	h.driver.Plant(uuid.New(), orphan)
	h.manager.Reconcile(t.Context())
	require.Eventually(t, func() bool { exists, _ := h.driver.Sandbox(orphan); return !exists }, 10*time.Second, 5*time.Millisecond)
}

func TestADeletedUserTakesEverythingAlong(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.run(u, "one")
	testdb.Exec(t, h.database, `DELETE FROM auth.users WHERE id = $1`, u.UserID)
	require.Eventually(t, func() bool {
		h.manager.Reconcile(t.Context())
		exists, _ := h.driver.Sandbox(w.ID)
		return !exists && !h.driver.HasVolume(volumeOf(w)) && h.driver.Count("DeleteUser") > 0
	}, 10*time.Second, 20*time.Millisecond)
	require.Zero(t, testdb.Value[int](t, h.database, `SELECT count(*) FROM ide.removals`))
}

func TestAUserWhoIsDeletedWhileNobodyLooksTakesEverythingAlong(t *testing.T) {
	h := newHouse(t)
	u, other := h.user(), h.user()
	running, stopped, others := h.run(u, "running"), h.run(u, "stopped"), h.run(other, "others")
	_, err := h.manager.Halt(t.Context(), u.UserID, stopped.ID)
	require.NoError(t, err)
	h.await(stopped.ID, workspace.Stopped)
	h.kill()
	testdb.Exec(t, h.database, `DELETE FROM auth.users WHERE id = $1`, u.UserID)
	exists, _ := h.driver.Sandbox(running.ID)
	require.True(t, exists, "nobody is there to end it")
	h.open()
	require.Eventually(t, func() bool {
		h.manager.Reconcile(t.Context())
		exists, _ := h.driver.Sandbox(running.ID)
		return !exists && !h.driver.HasVolume(volumeOf(running)) && !h.driver.HasVolume(volumeOf(stopped)) && h.driver.Count("DeleteUser") == 1
	}, 20*time.Second, 20*time.Millisecond)
	require.Zero(t, testdb.Value[int](t, h.database, `SELECT count(*) FROM ide.removals`))
	exists, runs := h.driver.Sandbox(others.ID)
	require.True(t, exists && runs && h.driver.HasVolume(volumeOf(others)), "others are left alone")
}
