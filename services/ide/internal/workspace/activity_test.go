package workspace_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

// look lets time pass and the reconciler see what has happened in it.
func (h *house) look(after time.Duration) {
	h.clock.advance(after)
	h.manager.Reconcile(h.t.Context())
}

func (h *house) runUnlimited(name string) (owner uuid.UUID, w workspace.Workspace) {
	u := h.user()
	u.Plan.IDESecondsMonthly = -1
	w = h.run(u, name)
	h.look(0)
	return u.UserID, w
}

// shell opens a terminal of a workspace as its owner.
func (h *house) shell(id uuid.UUID) driver.Shell {
	h.t.Helper()
	owner := testdb.Value[uuid.UUID](h.t, h.database, `SELECT user_id FROM ide.ide_workspaces WHERE id = $1`, id)
	shell, err := h.manager.Terminal(h.t.Context(), owner, id, driver.Terminal{Session: "main", Cols: 80, Rows: 24})
	require.NoError(h.t, err)
	return shell
}

func TestTerminalsAreTheOwnersAndAudited(t *testing.T) {
	h := newHouse(t)
	owner, w := h.runUnlimited("one")
	_, err := h.manager.Terminal(t.Context(), uuid.New(), w.ID, driver.Terminal{Session: "main"})
	require.ErrorIs(t, err, workspace.ErrNotFound)
	require.Zero(t, h.driver.Count("Terminal"))
	require.NoError(t, h.shell(w.ID).Close())
	require.Equal(t, 1, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.open_terminal' AND metadata->>'resumed' = 'false'`))
	for from, to := range map[error]error{
		driver.ErrTerminals: workspace.ErrManyTerminals, driver.ErrNoTerminals: workspace.ErrTerminals, driver.ErrNotRunning: workspace.ErrNotRunning,
	} {
		h.driver.Fail("Terminal", from)
		_, err := h.manager.Terminal(t.Context(), owner, w.ID, driver.Terminal{Session: "main"})
		require.ErrorIs(t, err, to)
	}
}

func TestAWorkspaceStopsWhenNobodyWorksInIt(t *testing.T) {
	h := newHouse(t)
	_, w := h.runUnlimited("one")
	at, ok := h.manager.AutostopAt(w)
	require.True(t, ok)
	require.Equal(t, w.LastAccessed.Add(2*time.Hour), at)

	conn, err := h.manager.Dial(t.Context(), w.ID, 0)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = conn.Write(make([]byte, 2_500)) // what an open page carries by itself in a minute
	require.NoError(t, err)
	h.look(time.Minute)
	require.Equal(t, "Nobody works in it at the moment.", h.manager.Reason(h.await(w.ID, workspace.Running)).Words)

	h.look(118 * time.Minute)
	require.Equal(t, workspace.WantRunning, h.await(w.ID, workspace.Running).Desired, "not idle for long enough")
	h.look(time.Minute)
	w = h.await(w.ID, workspace.Stopped)
	require.Equal(t, "Stopped because nobody worked in it for 2 hours.", w.StatusReason.Words)
	require.Equal(t, map[string]string{"idleSeconds": "7200"}, w.StatusReason.Values)
	require.Equal(t, w.StatusReason, h.manager.Reason(w))
	require.Equal(t, 1, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.stop' AND metadata->>'reason' = 'idle'`))
}

func TestWorkKeepsAWorkspaceRunning(t *testing.T) {
	for name, work := range map[string]struct {
		do     func(t *testing.T, h *house, id uuid.UUID)
		reason string
	}{
		"somebody types": {func(t *testing.T, h *house, id uuid.UUID) {
			conn, err := h.manager.Dial(t.Context(), id, 0)
			require.NoError(t, err)
			_, err = conn.Write(make([]byte, 100_000))
			require.NoError(t, err)
			require.NoError(t, conn.Close())
		}, "Somebody works in it."},
		"somebody types a key into a terminal": {func(t *testing.T, h *house, id uuid.UUID) {
			shell := h.shell(id)
			require.NoError(t, shell.Send([]byte("l")))
		}, "Somebody works in it."},
		"a program computes": {func(_ *testing.T, h *house, id uuid.UUID) {
			h.driver.Compute(id, 30*time.Second)
		}, "A program is at work in it."},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, w := h.runUnlimited("one")
			h.look(119 * time.Minute)
			work.do(t, h, w.ID)
			h.look(time.Minute)
			w = h.await(w.ID, workspace.Running)
			require.Equal(t, work.reason, h.manager.Reason(w).Words)
			at, _ := h.manager.AutostopAt(w)
			require.WithinDuration(t, h.clock.Now().Add(2*time.Hour), at, time.Millisecond)

			h.look(119 * time.Minute)
			require.Equal(t, workspace.WantRunning, h.await(w.ID, workspace.Running).Desired)
			h.look(time.Minute)
			h.await(w.ID, workspace.Stopped)
		})
	}
}

func TestAnOwnerKeepsAnIdleWorkspaceRunning(t *testing.T) {
	h := newHouse(t)
	owner, w := h.runUnlimited("one")
	h.look(110 * time.Minute)
	w, err := h.manager.Extend(t.Context(), owner, w.ID, 0)
	require.NoError(t, err)
	at, _ := h.manager.AutostopAt(w)
	require.WithinDuration(t, h.clock.Now().Add(2*time.Hour), at, time.Millisecond)
	w, err = h.manager.Extend(t.Context(), owner, w.ID, time.Minute)
	require.NoError(t, err)
	again, _ := h.manager.AutostopAt(w)
	require.WithinDuration(t, at, again, time.Millisecond, "a shorter wish takes nothing away")
	require.Equal(t, "Kept running on request, though nobody works in it.", h.manager.Reason(w).Words)

	h.look(119 * time.Minute)
	require.Equal(t, workspace.WantRunning, h.await(w.ID, workspace.Running).Desired)
	h.look(time.Minute)
	h.await(w.ID, workspace.Stopped)
	_, err = h.manager.Extend(t.Context(), owner, w.ID, 0)
	require.ErrorIs(t, err, workspace.ErrNotRunning)
	_, err = h.manager.Extend(t.Context(), uuid.New(), w.ID, 0)
	require.ErrorIs(t, err, workspace.ErrNotFound)
	require.Equal(t, 2, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.extend'`))
}

func TestWhatCanNotBeMeasuredIsNotStopped(t *testing.T) {
	h := newHouse(t)
	_, w := h.runUnlimited("one")
	h.driver.Fail("Stats", errors.New("unreadable"))
	h.look(5 * time.Hour)
	require.Equal(t, workspace.WantRunning, h.await(w.ID, workspace.Running).Desired)
}
