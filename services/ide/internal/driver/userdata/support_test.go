package userdata

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: own uids need root")
	}
}

func dataDir(t *testing.T) string {
	t.Helper()
	return t.TempDir()
}

func newStore(t *testing.T, data string) *Store {
	t.Helper()
	s, err := New(Options{DataDir: data})
	require.NoError(t, err)
	return s
}
