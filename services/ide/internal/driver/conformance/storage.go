package conformance

import (
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// storageLimit fills a user's files from inside a sandbox, with bytes and with
// names, wherever they may be written: they stop at the plan's limit, the user
// can make room again, and a neighbour notices nothing.
func storageLimit(t *testing.T, s Subject) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: volumes need root")
	}
	ctx := t.Context()
	volumes, can := s.Volumes.(driver.Limiter)
	require.True(t, can)
	const limit = 64 << 20
	greedy := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Limit: limit}
	v, err := s.Volumes.Ensure(ctx, greedy)
	require.NoError(t, err)
	_, _, limited, err := volumes.Total(ctx, v.Owner)
	require.NoError(t, err)
	if !limited {
		Required(t, "volumes", "images can't be mounted here")
	}
	said := s.Script(t, greedy, `exec 2>&1; cd /workspaces/project
		dd if=/dev/zero of=big bs=1M count=200 conv=fsync; echo "dd ended with $?"
		dd if=/dev/zero of=$HOME/big bs=1M count=200; echo "at home too with $?"
		rm -f big $HOME/big; mkdir many; cd many; seq 20000 | xargs touch | tail -n 1; echo "names ended with ${PIPESTATUS[1]}"
		cd ..; rm -rf many; echo again > small && cat small`)
	require.Contains(t, said, "No space left on device")
	require.Contains(t, said, "dd ended with 1")
	require.Contains(t, said, "at home too with 1")
	require.Contains(t, said, "names ended with 123")
	require.Contains(t, said, "again\n")
	used, most, _, err := volumes.Total(ctx, v.Owner)
	require.NoError(t, err)
	require.Less(t, used, most)
	require.InEpsilon(t, limit, most, 0.1)

	// What fits by the plan fits; a larger plan holds from the next start on.
	greedy.Limit, greedy.Idle = 2*limit, true
	_, err = s.Volumes.Ensure(ctx, greedy)
	require.NoError(t, err)
	said = s.Script(t, greedy, `exec 2>&1; cd /workspaces/project; cat small; dd if=/dev/zero of=big bs=1M count=100 conv=fsync && echo fits; dd if=/dev/zero of=more bs=1M count=100 || echo full`)
	require.Contains(t, said, "again\n")
	require.Contains(t, said, "fits")
	require.Contains(t, said, "full")

	neighbour := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Limit: limit}
	_, err = s.Volumes.Ensure(ctx, neighbour)
	require.NoError(t, err)
	require.Contains(t, s.Script(t, neighbour, `exec 2>&1; cd /workspaces/project; dd if=/dev/zero of=big bs=1M count=40 conv=fsync && echo fits`), "fits")
	for _, owner := range []driver.Owner{greedy.Owner, neighbour.Owner} {
		require.NoError(t, s.Volumes.DeleteUser(ctx, owner))
	}
}
