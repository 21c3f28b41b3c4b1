package userdata

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestAccountsAreStableAndDistinct(t *testing.T) {
	t.Parallel()
	a := accounts{file: filepath.Join(t.TempDir(), "accounts.json"), first: 300000, root: true}
	ada := uuid.New()
	first, err := a.uid(ada)
	require.NoError(t, err)
	require.Equal(t, 300000, first)

	var mu sync.Mutex
	seen := map[int]bool{first: true}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			uid, err := a.uid(uuid.New())
			mu.Lock()
			defer mu.Unlock()
			require.NoError(t, err)
			require.False(t, seen[uid], "uid %d was given twice", uid)
			seen[uid] = true
		})
	}
	all.Wait()
	again, err := accounts{file: a.file, first: 999, root: true}.uid(ada)
	require.NoError(t, err)
	require.Equal(t, first, again)
}
