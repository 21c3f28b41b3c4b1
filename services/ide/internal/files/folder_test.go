package files_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/files"
	"atrium.internal/services/ide/internal/files/remote"
)

// place is a folder with things in it, and a secret beside it.
type place struct {
	files.Tree
	dir, outside string
}

func newPlace(t *testing.T) place {
	t.Helper()
	top := t.TempDir()
	p := place{dir: filepath.Join(top, "project"), outside: filepath.Join(top, "outside")}
	require.NoError(t, os.Mkdir(p.dir, 0o755))
	require.NoError(t, os.Mkdir(p.outside, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(p.outside, "secret"), []byte("secret"), 0o644))
	root, err := os.OpenRoot(p.dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	commit := &sync.Mutex{}
	if !far {
		p.Tree = files.In(root, commit)
		return p
	}
	p.Tree = again(func() (files.Tree, func()) {
		here, there := net.Pipe()
		go func() { _ = remote.Server{Root: root, Commit: commit}.Serve(t.Context(), there); there.Close() }()
		return remote.NewClient(here), func() { here.Close() }
	})
	return p
}

// far is the second time: then everything is done over a connection.
var far bool

func TestMain(m *testing.M) {
	code := m.Run()
	if fuzzing := flag.Lookup("test.fuzz"); code == 0 && (fuzzing == nil || fuzzing.Value.String() == "") {
		far = true
		code = m.Run()
	}
	os.Exit(code)
}

func (p place) write(t *testing.T, name, text string) files.Version {
	t.Helper()
	v, err := p.Write(name, files.Condition{}, strings.NewReader(text))
	require.NoError(t, err)
	return v
}

func (p place) read(t *testing.T, name string) string {
	t.Helper()
	file, _, err := p.Open(name)
	require.NoError(t, err)
	defer file.Close()
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	return string(text)
}

// names is everything below the folder, so that leftovers show.
func (p place) names(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(p.dir, func(path string, _ os.DirEntry, err error) error {
		if path != p.dir {
			name, _ := filepath.Rel(p.dir, path)
			names = append(names, name)
		}
		return err
	}))
	return names
}

func TestWhatIsWrittenCanBeReadListedMovedAndDeleted(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := p.write(t, "src/deep/main.go", "one")
	require.Equal(t, files.Entry{Name: "main.go", Path: "src/deep/main.go", Type: files.File, Size: 3, ModifiedAt: first.ModifiedAt, Mode: 0o644}, first.Entry)
	require.NoError(t, os.Chmod(filepath.Join(p.dir, "src/deep/main.go"), 0o755))
	second := p.write(t, "src/deep/main.go", "second")
	require.NotEqual(t, first.Tag, second.Tag)
	require.EqualValues(t, 0o755, second.Mode, "a program stays one")
	require.Equal(t, "second", p.read(t, "src/deep/main.go"))

	_, err := p.MakeDirectory("z/y")
	require.NoError(t, err)
	_, err = p.MakeDirectory("z/y")
	require.NoError(t, err, "again")
	p.write(t, "a.txt", "")
	entries, truncated, err := p.List("")
	require.NoError(t, err)
	require.False(t, truncated)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	require.Equal(t, []string{"src", "z", "a.txt"}, names, "folders first")

	_, err = p.Move("src/deep/main.go", "a.txt", false)
	require.ErrorIs(t, err, files.ErrExists)
	moved, err := p.Move("src/deep/main.go", "a.txt", true)
	require.NoError(t, err)
	require.Equal(t, "a.txt", moved.Path)
	require.Equal(t, "second", p.read(t, "a.txt"))
	_, err = p.Move("src", "z", true)
	require.ErrorIs(t, err, files.ErrExists, "a folder is never replaced")
	_, err = p.Move("src", "src/deep/src", false)
	require.Error(t, err)

	require.ErrorIs(t, p.Delete("z", false, files.Condition{}), files.ErrNotEmpty)
	require.NoError(t, p.Delete("z", true, files.Condition{}))
	require.ErrorIs(t, p.Delete("z", true, files.Condition{}), files.ErrNotFound)
	require.Equal(t, []string{"a.txt", "src", "src/deep"}, p.names(t))
}

func TestNoPathLeadsOut(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.write(t, "kept", "kept")
	require.NoError(t, os.Symlink(p.outside, filepath.Join(p.dir, "door")))
	require.NoError(t, os.Symlink("../outside/secret", filepath.Join(p.dir, "window")))
	require.NoError(t, os.Symlink("kept", filepath.Join(p.dir, "inside")))
	require.Equal(t, "kept", p.read(t, "inside"), "a link that stays inside is followed")
	for _, name := range []string{
		"../outside/secret", "door/secret", "window", "/etc/passwd", p.outside + "/secret", "a/../../outside/secret",
		"..", ".", "", "a//b", "a/", "./kept", "kept\x00", "door/new", "door/deep/new",
	} {
		_, _, err := p.Open(name)
		require.Error(t, err, name)
		require.False(t, errors.Is(err, files.ErrForbidden) && os.Geteuid() == 0, "%s: tried all the same", name)
		_, err = p.Write(name, files.Condition{}, strings.NewReader("planted"))
		require.Error(t, err, name)
		_, err = p.MakeDirectory(name)
		require.Error(t, err, name)
		_, err = p.Move("kept", name, true)
		if name != "window" { // which is then the file, no link any more
			require.Error(t, err, name)
		} else {
			require.NoError(t, err)
			_, err = p.Move(name, "kept", true)
			require.NoError(t, err)
			require.NoError(t, os.Symlink("../outside/secret", filepath.Join(p.dir, "window")))
		}
		if name != "window" {
			_, err = p.Move(name, "stolen", true)
			require.Error(t, err, name)
			require.Error(t, p.Delete(name, true, files.Condition{}), name)
		}
	}
	for _, name := range []string{"door", "..", "/"} {
		_, _, err := p.List(name)
		require.Error(t, err, name)
	}
	require.NoError(t, p.Delete("door", true, files.Condition{}), "the link itself goes")
	text, err := os.ReadFile(filepath.Join(p.outside, "secret"))
	require.NoError(t, err)
	require.Equal(t, "secret", string(text))
	left, err := os.ReadDir(p.outside)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing was planted")
}

func TestPipesAndDevicesAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	require.NoError(t, syscall.Mkfifo(filepath.Join(p.dir, "pipe"), 0o644))
	_, _, err := p.Open("pipe")
	require.ErrorIs(t, err, files.ErrNoFile)
	_, err = p.Write("pipe", files.Condition{}, strings.NewReader("x"))
	require.ErrorIs(t, err, files.ErrNoFile)
	_, _, err = p.List("pipe")
	require.ErrorIs(t, err, files.ErrNoFolder)
	_, err = p.MakeDirectory("folder")
	require.NoError(t, err)
	_, _, err = p.Open("folder")
	require.ErrorIs(t, err, files.ErrDirectory)
	_, err = p.Write("folder", files.Condition{}, strings.NewReader("x"))
	require.ErrorIs(t, err, files.ErrDirectory)
	p.write(t, "file", "x")
	_, err = p.Write("file/below", files.Condition{}, strings.NewReader("x"))
	require.ErrorIs(t, err, files.ErrNoFolder)
}

func TestOneOfManyWritersOfTheSameVersionWins(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []files.Condition{{IfAbsent: true}, {IfMatch: []string{p.write(t, "contested", "first").Tag}}} {
		name := "contested"
		if c.IfAbsent {
			name = "new"
		}
		var won, lost int
		var mu sync.Mutex
		var writers sync.WaitGroup
		for range 16 {
			writers.Go(func() {
				_, err := p.Write(name, c, strings.NewReader("mine"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errors.Is(err, files.ErrChanged):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		writers.Wait()
		require.Equal(t, 1, won)
		require.Equal(t, 15, lost)
	}
	require.ErrorIs(t, p.Delete("contested", false, files.Condition{IfMatch: []string{"other"}}), files.ErrChanged)
	require.NoError(t, p.Delete("contested", false, files.Condition{IfMatch: []string{"*"}}))
	require.Equal(t, []string{"new"}, p.names(t), "no leftovers")
}

// cut fails after some bytes, as a broken line does.
type cut struct{ left int }

var errCut = errors.New("cut")

func (c *cut) Read(b []byte) (int, error) {
	if c.left == 0 {
		return 0, errCut
	}
	n := min(c.left, len(b))
	c.left -= n
	return n, nil
}

func TestACutWriteLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	before := p.write(t, "file", "whole")
	_, err := p.Write("file", files.Condition{}, &cut{left: 100_000})
	require.ErrorIs(t, err, errCut)
	_, err = p.Write("other", files.Condition{}, &cut{left: 1})
	require.ErrorIs(t, err, errCut)
	require.Equal(t, "whole", p.read(t, "file"))
	file, now, err := p.Open("file")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Equal(t, before.Tag, now.Tag)
	require.Equal(t, []string{"file"}, p.names(t))
}

// FuzzPaths holds every path to one rule: what it does happens inside.
func FuzzPaths(f *testing.F) {
	for _, seed := range []string{"a", "a/b", "../x", "/x", "a/../../x", "door/x", ".", "", "\x00", "a//b", "door/../x", "ü", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p := newPlace(t)
		require.NoError(t, os.Symlink(p.outside, filepath.Join(p.dir, "door")))
		_, _ = p.Write(name, files.Condition{}, strings.NewReader("planted"))
		_, _ = p.MakeDirectory(name + "/deep")
		_, _ = p.Move(name, name+"2", true)
		if file, _, err := p.Open(name); err == nil {
			text, _ := io.ReadAll(file)
			_ = file.Close()
			require.NotEqual(t, "secret", string(text))
		}
		_ = p.Delete(name, true, files.Condition{})
		left, err := os.ReadDir(p.outside)
		require.NoError(t, err)
		require.Len(t, left, 1)
		beside, err := os.ReadDir(filepath.Dir(p.dir))
		require.NoError(t, err)
		require.Len(t, beside, 2)
	})
}

// again is a tree that connects anew for each call, as several callers do.
type again func() (files.Tree, func())

func (a again) List(name string) ([]files.Entry, bool, error) {
	tree, end := a()
	defer end()
	return tree.List(name)
}

func (a again) Search(ctx context.Context, words []string, limit int) ([]files.Found, bool, error) {
	tree, end := a()
	defer end()
	return tree.Search(ctx, words, limit)
}

func (a again) Open(name string) (io.ReadCloser, files.Version, error) {
	tree, _ := a()
	return tree.Open(name)
}

func (a again) Write(name string, c files.Condition, content io.Reader) (files.Version, error) {
	tree, end := a()
	defer end()
	return tree.Write(name, c, content)
}

func (a again) MakeDirectory(name string) (files.Entry, error) {
	tree, end := a()
	defer end()
	return tree.MakeDirectory(name)
}

func (a again) Move(from, to string, overwrite bool) (files.Entry, error) {
	tree, end := a()
	defer end()
	return tree.Move(from, to, overwrite)
}

func (a again) Delete(name string, recursive bool, c files.Condition) error {
	tree, end := a()
	defer end()
	return tree.Delete(name, recursive, c)
}

func (a again) Has(name string) error {
	tree, end := a()
	defer end()
	return tree.Has(name)
}

func (a again) Pack(name string, format files.Format, out io.Writer) error {
	tree, end := a()
	defer end()
	return tree.Pack(name, format, out)
}

func (a again) Unpack(into string, content io.Reader, take func(int64) error) (files.Unpacked, error) {
	tree, end := a()
	defer end()
	return tree.Unpack(into, content, take)
}

func (a again) Sweep(ctx context.Context, before time.Time) error {
	tree, end := a()
	defer end()
	return tree.Sweep(ctx, before)
}
