package ide

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestEachServiceOfADataDirectoryHasASeatOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	take := func() seat {
		s, err := takeSeat(dir, filepath.Join(dir, "replicas"))
		require.NoError(t, err)
		return s
	}
	one, two := take(), take()
	require.NotEqual(t, one.replica, two.replica)
	require.NoError(t, one.leave())
	again := take()
	require.Equal(t, one.replica, again.replica, "it is who it was")
	taken := map[uuid.UUID]bool{again.replica: true, two.replica: true}
	held := []seat{again, two} // a seat that nothing holds is closed with its file by the garbage collector
	for range seats - 2 {
		held = append(held, take())
		taken[held[len(held)-1].replica] = true
	}
	require.Len(t, taken, seats)
	_, err := takeSeat(dir, filepath.Join(dir, "replicas"))
	require.ErrorContains(t, err, "already")

	away, err := takeSeat(dir, "")
	require.NoError(t, err)
	require.Equal(t, one.replica, away.replica)
	require.NoError(t, away.leave())
	for _, s := range held {
		require.NoError(t, s.leave())
	}
}
