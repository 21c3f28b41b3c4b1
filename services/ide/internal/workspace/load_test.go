package workspace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheLoadIsThatOfAllWorkspaces(t *testing.T) {
	h := newHouse(t)
	_, one := h.runUnlimited("one")
	_, two := h.runUnlimited("two")
	h.driver.Compute(one.ID, 30*time.Second)
	h.driver.Compute(two.ID, 15*time.Second)
	h.look(time.Minute)
	conn, err := h.manager.Dial(t.Context(), one.ID, 0)
	require.NoError(t, err)

	load := h.manager.Load()
	require.Equal(t, 2, load.Running)
	require.Equal(t, 1, load.Open)
	require.EqualValues(t, 750, load.Processor, "half and a quarter of a core")
	require.NoError(t, conn.Close())
	require.NoError(t, conn.Close())
	require.Zero(t, h.manager.Load().Open, "closed once, however often it is told")
}
