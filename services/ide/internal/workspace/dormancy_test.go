package workspace_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestAnUnusedWorkspaceIsDeletedAfterAWarning(t *testing.T) {
	h := newHouse(t)
	h.kill()
	h.dormantAfter = 90 * 24 * time.Hour
	h.open()
	u := h.user()
	running := h.run(u, "running")
	unused := h.run(u, "unused")
	_, err := h.manager.Halt(t.Context(), u.UserID, unused.ID)
	require.NoError(t, err)
	h.await(unused.ID, workspace.Stopped)
	look := func(after time.Duration) workspace.Workspace {
		h.clock.advance(after)
		require.NoError(t, h.store.Touch(t.Context(), running.ID, h.clock.Now())) // somebody is at work there
		testdb.Exec(t, h.database, `UPDATE ide.ide_workspaces SET ide_seconds_monthly = -1`)
		h.manager.Reconcile(t.Context())
		w, err := h.store.Get(t.Context(), unused.ID)
		require.NoError(t, err)
		return w
	}
	require.Zero(t, look(89*24*time.Hour).DeleteAt)
	require.Empty(t, *h.notices.sent)

	// Nobody is deleted unwarned: without the mail there is no date.
	*h.notices.failing = errors.New("the mail server is away")
	require.Zero(t, look(2*24*time.Hour).DeleteAt)
	*h.notices.failing = nil
	w := look(0)
	require.WithinDuration(t, h.clock.Now().Add(week), w.DeleteAt, time.Minute)
	require.Contains(t, w.StatusReason.Words, "Nobody has used it since")
	require.Contains(t, w.StatusReason.Words, w.DeleteAt.UTC().Format("2 January 2006"))
	require.Len(t, *h.notices.sent, 1)
	look(0)
	require.Len(t, *h.notices.sent, 1, "once")
	require.Equal(t, 1, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.warn'`))

	// A file that is changed, or a start, is use.
	require.NoError(t, h.store.Touch(t.Context(), unused.ID, w.LastAccessed))
	_, err = h.manager.Launch(t.Context(), u, unused.ID)
	require.NoError(t, err)
	h.await(unused.ID, workspace.Running)
	_, err = h.manager.Halt(t.Context(), u.UserID, unused.ID)
	require.NoError(t, err)
	require.Equal(t, "You stopped it.", h.await(unused.ID, workspace.Stopped).StatusReason.Words)
	w = look(week + 24*time.Hour)
	require.Zero(t, w.DeleteAt)
	require.Equal(t, workspace.WantStopped, w.Desired)

	require.NotZero(t, look(90*24*time.Hour).DeleteAt)
	require.Equal(t, workspace.WantStopped, look(week-time.Hour).Desired)
	h.clock.advance(2 * time.Hour)
	require.NoError(t, h.store.Touch(t.Context(), running.ID, h.clock.Now()))
	h.manager.Reconcile(t.Context())
	h.awaitGone(unused)
	require.Equal(t, workspace.Running, h.await(running.ID, workspace.Running).Status)
	require.Equal(t, 1, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.delete' AND metadata->>'reason' = 'unused'`))
}

func TestWithoutAPolicyNothingIsDeleted(t *testing.T) {
	h := newHouse(t)
	u := h.user()
	w := h.create(u, "one")
	h.clock.advance(10 * 365 * 24 * time.Hour)
	h.manager.Reconcile(t.Context())
	w, err := h.store.Get(t.Context(), w.ID)
	require.NoError(t, err)
	require.Zero(t, w.DeleteAt)
}
