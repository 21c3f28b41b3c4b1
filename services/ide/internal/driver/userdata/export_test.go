package userdata

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// seen is what an export shows.
type seen struct {
	files, links, skipped map[string]string
	// before is called ahead of each file's reading.
	before func(name string)
}

func newSeen() *seen {
	return &seen{files: map[string]string{}, links: map[string]string{}, skipped: map[string]string{}}
}

func (s *seen) File(name string, size int64, content io.Reader) error {
	if s.before != nil {
		s.before(name)
	}
	text, err := io.ReadAll(content)
	if int64(len(text)) > size {
		return errors.New("more than the size said")
	}
	s.files[name] = string(text)
	return err
}

func (s *seen) Link(name, target string) error    { s.links[name] = target; return nil }
func (s *seen) Skipped(name, reason string) error { s.skipped[name] = reason; return nil }

// volumeWith makes a volume of files and gives its folder on disk.
func volumeWith(t *testing.T, d *Store, owner uuid.UUID, files fstest.MapFS) (driver.Volume, string) {
	t.Helper()
	v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: owner, Seed: files})
	require.NoError(t, err)
	return v, filepath.Join(d.User(owner), Project(v.WorkspaceID))
}

func TestAnExportHasTheFilesAndNothingElse(t *testing.T) {
	d := newStore(t, dataDir(t))
	ada, eve := uuid.New(), uuid.New()
	const secret = "canary of somebody else"
	_, others := volumeWith(t, d, eve, fstest.MapFS{"secret.txt": {Data: []byte(secret)}})
	v, folder := volumeWith(t, d, ada, fstest.MapFS{
		"main.go": {Data: []byte("package main")}, "deep/er/notes.md": {Data: []byte("# Notes")}, "empty": {},
	})
	require.NoError(t, os.Symlink(filepath.Join(others, "secret.txt"), filepath.Join(folder, "link")))
	require.NoError(t, os.Symlink("../../../"+eve.String(), filepath.Join(folder, "folder-link")))
	require.NoError(t, os.Symlink("main.go", filepath.Join(folder, "inner")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "caf\xe9"), nil, 0o644))
	if os.Geteuid() == 0 {
		require.NoError(t, os.Link(filepath.Join(others, "secret.txt"), filepath.Join(folder, "hard")))
		uid, err := d.accounts.uid(ada)
		require.NoError(t, err)
		require.NoError(t, os.Chown(filepath.Join(folder, "caf\xe9"), uid, uid))
	}

	s := newSeen()
	require.NoError(t, d.Export(t.Context(), v, s))
	require.Equal(t, map[string]string{"main.go": "package main", "deep/er/notes.md": "# Notes", "empty": "", "caf\xe9": ""}, s.files)
	require.Equal(t, map[string]string{"link": filepath.Join(others, "secret.txt"), "folder-link": "../../../" + eve.String(), "inner": "main.go"}, s.links)
	require.Contains(t, s.skipped["pipe"], "pipe")
	if os.Geteuid() == 0 {
		require.Contains(t, s.skipped["hard"], "another account")
	}

	none := newSeen()
	require.NoError(t, d.Export(t.Context(), driver.Volume{WorkspaceID: uuid.New(), Owner: ada}, none))
	require.NoError(t, d.Export(t.Context(), driver.Volume{WorkspaceID: uuid.New(), Owner: uuid.New()}, none))
	require.Empty(t, none.files)
}

func TestAnExportFollowsNothingThatIsSwapped(t *testing.T) {
	d := newStore(t, dataDir(t))
	owner := uuid.New()
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "file"), []byte("outside"), 0o644))
	for range 50 {
		v, folder := volumeWith(t, d, owner, fstest.MapFS{"a/file": {Data: []byte("mine")}, "b/file": {Data: []byte("mine")}, "c": {Data: []byte("mine")}})
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { // what runs in the workspace, meanwhile
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, name := range []string{"b", "c"} {
					hidden := filepath.Join(folder, "."+name)
					_ = os.Rename(filepath.Join(folder, name), hidden)
					target := outside
					if name == "c" {
						target = filepath.Join(outside, "file")
					}
					_ = os.Symlink(target, filepath.Join(folder, name))
					_ = os.Remove(filepath.Join(folder, name))
					_ = os.Rename(hidden, filepath.Join(folder, name))
				}
			}
		}()
		s := newSeen()
		require.NoError(t, d.Export(t.Context(), v, s))
		close(stop)
		<-stopped
		for name, text := range s.files {
			require.Equal(t, "mine", text, name)
		}
	}
}

func TestAnExportIsNotLedElsewhereByTheVolumeItself(t *testing.T) {
	d := newStore(t, dataDir(t))
	ada, eve := uuid.New(), uuid.New()
	_, others := volumeWith(t, d, eve, fstest.MapFS{"secret.txt": {Data: []byte("secret")}})
	v, folder := volumeWith(t, d, ada, nil)
	require.NoError(t, os.RemoveAll(folder))
	require.NoError(t, os.Symlink(others, folder))
	s := newSeen()
	require.NoError(t, d.Export(t.Context(), v, s))
	require.Empty(t, s.files)

	v, folder = volumeWith(t, d, ada, nil)
	deep := folder
	for range deepest + 5 {
		deep = filepath.Join(deep, "d")
	}
	require.NoError(t, os.MkdirAll(deep, 0o755))
	require.NoError(t, d.Export(t.Context(), v, s))
	require.Contains(t, s.skipped[strings.Repeat("d/", deepest)+"d"], "too deep")
}
