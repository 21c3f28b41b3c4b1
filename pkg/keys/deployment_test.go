package keys_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/keys"
)

// Services that start together with a new volume must not each have a key.
func TestWhoeverMakesTheKeyFileAllGetItsKey(t *testing.T) {
	const rivals = 32
	for range 20 {
		path := filepath.Join(t.TempDir(), "keys", "deployment.key")
		found := make([][]byte, rivals)
		made := make([]bool, rivals)
		start := make(chan struct{})
		var all sync.WaitGroup
		for i := range rivals {
			all.Go(func() {
				<-start
				var err error
				found[i], made[i], err = keys.LoadOrCreate(path)
				if err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		creators := 0
		for i := range rivals {
			require.Equal(t, found[0], found[i])
			if made[i] {
				creators++
			}
		}
		require.Equal(t, 1, creators)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		left, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, left, 1, "no unfinished file stays")
	}
}

func TestALineOnTopChangesNoOtherPurpose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deployment.key")
	first, created, err := keys.LoadOrCreate(path)
	require.NoError(t, err)
	require.True(t, created)
	second := keys.NewDeployment()
	require.NoError(t, keys.AddDeployment(path, second))
	same, created, err := keys.LoadOrCreate(path)
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, first, same)
	require.NoError(t, keys.AddDeployment(path, second), "again changes nothing")
	lines, err := keys.ReadDeployment(path)
	require.NoError(t, err)
	require.Equal(t, [][]byte{second, first}, lines)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	good := hex.EncodeToString(bytes.Repeat([]byte{7}, keys.Size))
	for _, text := range []string{"", "\n\n", "abcd\n", good + "\nnonsense\n", good + good} {
		path := filepath.Join(t.TempDir(), "deployment.key")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, _, err := keys.LoadOrCreate(path)
		require.ErrorContains(t, err, path)
		require.NotContains(t, err.Error(), good)
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(kept), "what is there is never overwritten")
	}
}
