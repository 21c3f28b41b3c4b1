package workspace_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestAnAdministratorSeesAllWorkspacesAndStopsAnybodys(t *testing.T) {
	h := newHouse(t)
	ada, bob, administrator := h.user(), h.user(), h.user()
	mine, theirs := h.run(ada, "one"), h.create(bob, "two")
	h.look(0)
	h.driver.Compute(mine.ID, 5*time.Second)
	h.look(10 * time.Second)
	require.Equal(t, workspace.Used{CPUMillis: 500, MemoryBytes: 1 << 20}, h.manager.LastUsed(mine.ID))
	require.Zero(t, h.manager.LastUsed(theirs.ID))

	all := func(f workspace.Filter, after uuid.UUID) (ids []uuid.UUID) {
		list, err := h.manager.All(t.Context(), f, after, 10)
		require.NoError(t, err)
		for _, w := range list {
			ids = append(ids, w.ID)
		}
		return ids
	}
	require.Equal(t, []uuid.UUID{theirs.ID, mine.ID}, all(workspace.Filter{}, uuid.Nil))
	require.Equal(t, []uuid.UUID{mine.ID}, all(workspace.Filter{}, theirs.ID))
	require.Equal(t, []uuid.UUID{theirs.ID}, all(workspace.Filter{Owner: bob.UserID}, uuid.Nil))
	require.Equal(t, []uuid.UUID{mine.ID}, all(workspace.Filter{Status: workspace.Running}, uuid.Nil))

	_, err := h.manager.HaltAny(t.Context(), administrator, mine.ID)
	require.NoError(t, err)
	require.Equal(t, "Stopped by an administrator.", h.await(mine.ID, workspace.Stopped).StatusReason.Words)
	require.Equal(t, 1, testdb.Value[int](t, h.database, `SELECT count(*) FROM audit.audit_log
		WHERE event_type = 'workspace.stop' AND user_id = $1 AND metadata->>'owner' = $2`, administrator.UserID, ada.UserID.String()))

	_, err = h.manager.HaltAny(t.Context(), administrator, theirs.ID)
	require.NoError(t, err, "what does not run is stopped already")
	_, err = h.manager.HaltAny(t.Context(), administrator, uuid.New())
	require.ErrorIs(t, err, workspace.ErrNotFound)
}
