package userdata

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

func TestWorkInAFolderHasTheUsersRightsAlone(t *testing.T) {
	needRoot(t)
	d := newStore(t, dataDir(t))
	v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()})
	require.NoError(t, err)
	uid, err := d.accounts.uid(v.Owner)
	require.NoError(t, err)
	dir := filepath.Join(d.User(v.Owner), Project(v.WorkspaceID))
	// Root's own file under a second name, which a careless machine allows.
	roots := filepath.Join(d.Data, "secret")
	require.NoError(t, os.WriteFile(roots, []byte("secret"), 0o600))
	require.NoError(t, os.Link(roots, filepath.Join(dir, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "roots"), 0o700))

	require.NoError(t, d.Folder(t.Context(), v, func(root *os.Root) error {
		_, err := root.ReadFile("link")
		require.ErrorIs(t, err, fs.ErrPermission)
		require.ErrorIs(t, root.WriteFile("roots/file", nil, 0o644), fs.ErrPermission)
		require.Error(t, root.Chown("link", uid, uid))
		return root.WriteFile("mine", []byte("x"), 0o644)
	}))
	info, err := os.Stat(filepath.Join(dir, "mine"))
	require.NoError(t, err)
	stat := info.Sys().(*syscall.Stat_t)
	require.Equal(t, []int{uid, uid}, []int{int(stat.Uid), int(stat.Gid)}, "what it makes is the user's")
	_, err = os.ReadFile(roots)
	require.NoError(t, err, "this thread has kept its rights")

	failure := errors.New("as it is")
	require.ErrorIs(t, d.Folder(t.Context(), v, func(*os.Root) error { return failure }), failure)
	require.PanicsWithValue(t, "seen", func() { _ = d.Folder(t.Context(), v, func(*os.Root) error { panic("seen") }) })
	require.NoError(t, d.Delete(t.Context(), v))
	require.ErrorIs(t, d.Folder(t.Context(), v, func(*os.Root) error { return nil }), fs.ErrNotExist)
}
