package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSearch(t *testing.T) {
	p := newPlace(t)
	for _, name := range []string{
		"main.go", "cmd/server/main.go", "cmd/domain.go", "notes/Main Street.md", "main/readme.md",
		"node_modules/x/main.js", ".git/main", ".mainrc",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(p.dir, name)), 0o755))
		p.write(t, name, "x")
	}
	require.NoError(t, os.Symlink(p.outside, filepath.Join(p.dir, "secretmain")))
	search := func(limit int, words ...string) (paths []string) {
		found, truncated, err := p.Search(t.Context(), words, limit)
		require.NoError(t, err)
		require.False(t, truncated)
		for _, f := range found {
			paths = append(paths, f.Path)
		}
		return paths
	}
	require.Equal(t, []string{"main.go", "cmd/server/main.go", "notes/Main Street.md", "cmd/domain.go", "main/readme.md"}, search(20, "MAIN"),
		"a name's beginning before its middle before folders; nothing hidden, fetched or outside")
	require.Equal(t, []string{"cmd/server/main.go"}, search(20, "main", "server"))
	require.Equal(t, []string{"main.go"}, search(1, "main"))
	require.Empty(t, search(20, "secret"))
}
