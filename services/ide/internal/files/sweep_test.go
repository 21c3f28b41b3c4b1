package files

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatCutWritesLeftIsSwept(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	old := time.Now().Add(-time.Hour)
	for name, at := range map[string]time.Time{
		writing + "old": old, "deep/er/" + writing + "old": old, writing + "new": time.Now().Add(time.Hour), "mine.txt": old,
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, writing+"folder"), 0o700))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, writing+"link")))
	require.NoError(t, In(root, &sync.Mutex{}).Sweep(t.Context(), time.Now()))
	for name, stays := range map[string]bool{
		writing + "old": false, "deep/er/" + writing + "old": false,
		writing + "new": true, "mine.txt": true, writing + "folder": true, writing + "link": true,
	} {
		_, err := os.Lstat(filepath.Join(dir, name))
		require.Equal(t, stays, err == nil, name)
	}
}
