package workspace_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/testdb"
	"atrium.internal/services/ide/internal/workspace"
)

func TestASharedPortAdmitsOthersToNothingElse(t *testing.T) {
	h := newHouse(t)
	owner, w := h.runUnlimited("one")
	eve := testdb.AddUser(t, h.database)
	ctx := t.Context()
	admitted := func(user uuid.UUID, port int) (bool, error) {
		_, visitor, err := h.manager.Admits(ctx, user, w.ID, port)
		return visitor, err
	}
	for _, port := range []int{0, 3000} {
		visitor, err := admitted(owner, port)
		require.NoError(t, err)
		require.False(t, visitor)
		_, err = admitted(eve, port)
		require.ErrorIs(t, err, workspace.ErrNotFound)
	}
	_, err := h.manager.SharePort(ctx, eve, w.ID, 3000, true)
	require.ErrorIs(t, err, workspace.ErrNotFound)
	for range 2 {
		_, err = h.manager.SharePort(ctx, owner, w.ID, 3000, true)
		require.NoError(t, err)
	}
	visitor, err := admitted(eve, 3000)
	require.NoError(t, err)
	require.True(t, visitor)
	_, err = h.manager.Enter(ctx, eve, w.ID, 3000)
	require.NoError(t, err)
	for _, port := range []int{0, 3001} {
		_, err = admitted(eve, port)
		require.ErrorIs(t, err, workspace.ErrNotFound)
		_, err = h.manager.Enter(ctx, eve, w.ID, port)
		require.ErrorIs(t, err, workspace.ErrNotFound)
	}
	require.Equal(t, eve, testdb.Value[uuid.UUID](t, h.database, `SELECT user_id FROM audit.audit_log WHERE event_type = 'workspace.visit_port'`))
	_, err = h.manager.SharePort(ctx, owner, w.ID, 3000, false)
	require.NoError(t, err)
	_, err = admitted(eve, 3000)
	require.ErrorIs(t, err, workspace.ErrNotFound)

	for i := range 50 {
		_, err = h.manager.SharePort(ctx, owner, w.ID, 4000+i, true)
		require.NoError(t, err)
	}
	_, err = h.manager.SharePort(ctx, owner, w.ID, 5000, true)
	require.ErrorIs(t, err, workspace.ErrManyShares)
	require.NoError(t, h.manager.Delete(ctx, owner, w.ID))
	_, err = admitted(eve, 4000)
	require.ErrorIs(t, err, workspace.ErrNotFound)
}
