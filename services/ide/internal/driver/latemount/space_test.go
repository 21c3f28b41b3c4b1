package latemount

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestASpareNamespaceIsTakenAndNoneIsLeft(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: mapping any user needs root")
	}
	var spaces Spaces
	take := func() {
		t.Helper()
		space, err := spaces.take(200001, 200002)
		require.NoError(t, err)
		require.NoError(t, space.Close())
	}
	pids := map[int]bool{}
	note := func() {
		for _, h := range spaces.spare {
			pids[h.process.Process.Pid] = true
		}
	}
	require.NoError(t, spaces.Add())
	note()
	take()
	require.Empty(t, spaces.spare, "the spare one is taken first")
	take() // and without one another is made

	require.NoError(t, spaces.Add())
	note()
	require.NoError(t, spaces.spare[0].process.Process.Kill())
	take()
	for range 2 * mostSpaces {
		require.NoError(t, spaces.Add())
	}
	note()
	require.Len(t, spaces.spare, mostSpaces)
	spaces.Close()
	require.NoError(t, spaces.Add())
	require.Empty(t, spaces.spare)
	require.Len(t, pids, mostSpaces+2)
	for pid := range pids {
		require.ErrorIs(t, unix.Kill(pid, 0), unix.ESRCH)
	}
}
