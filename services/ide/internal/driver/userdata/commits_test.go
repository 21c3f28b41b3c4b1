package userdata

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestChangesOfAWorkspaceAreOneAtATime also of two services, which have a store each.
func TestChangesOfAWorkspaceAreOneAtATime(t *testing.T) {
	dir, workspace := t.TempDir(), uuid.New()
	var busy atomic.Bool
	var together atomic.Int32
	var all sync.WaitGroup
	for range 2 {
		s, err := New(Options{DataDir: dir})
		require.NoError(t, err)
		for range 4 {
			all.Go(func() {
				lock, done, err := s.Commits(workspace)
				if err != nil {
					t.Error(err)
					return
				}
				defer done()
				for range 100 {
					lock.Lock()
					if busy.Swap(true) {
						together.Add(1)
					}
					runtime.Gosched()
					busy.Store(false)
					lock.Unlock()
				}
			})
		}
	}
	all.Wait()
	require.Zero(t, together.Load())
}
