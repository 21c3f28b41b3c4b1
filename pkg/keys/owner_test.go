package keys_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownerOf gives the uid that a file belongs to.
func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
