package conformance

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/mounts"
)

// DataDir is a fresh data directory with a short name: the testing package's own
// are too long for a socket. In the end what is mounted below is unmounted, and
// it is removed.
func DataDir(t testing.TB) string {
	t.Helper()
	data, err := os.MkdirTemp("/tmp", "atrium-ide-")
	require.NoError(t, err)
	t.Cleanup(func() {
		mounts.EndBelow(data)
		require.NoError(t, os.RemoveAll(data))
	})
	return data
}
