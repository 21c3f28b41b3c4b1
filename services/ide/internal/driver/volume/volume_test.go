package volume

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"atrium.internal/pkg/testkit/mounts"
	"atrium.internal/pkg/testkit/smalldisk"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/files"
)

// newSet gives a set with images, or skips where there can't be any.
func newSet(t *testing.T, change ...func(*Options)) *Set {
	t.Helper()
	dir := conformance.DataDir(t)
	o := Options{Images: filepath.Join(dir, "volumes"), Folders: filepath.Join(dir, "users")}
	for _, set := range change {
		set(&o)
	}
	require.NoError(t, os.MkdirAll(o.Folders, 0o711))
	s := New(o)
	if err := s.Unfit(t.Context()); err != nil && len(change) == 0 {
		t.Skip("SKIPPED: no volumes here: " + err.Error())
	}
	return s
}

// fill writes until the folder is full and gives how much went in.
func fill(t *testing.T, s *Set, id uuid.UUID, name string) (int64, error) {
	t.Helper()
	root, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer root.Close()
	f, err := root.Create(name)
	require.NoError(t, err)
	defer f.Close()
	block := []byte(strings.Repeat("x", 1<<20))
	for written := int64(0); written < 1<<30; {
		n, err := f.Write(block)
		if written += int64(n); err != nil {
			return written, err
		}
	}
	return 1 << 30, nil
}

func read(t *testing.T, s *Set, id uuid.UUID, name string) string {
	t.Helper()
	root, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer root.Close()
	text, err := root.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func TestALimitHoldsAndGrows(t *testing.T) {
	s := newSet(t)
	ctx, id, neighbour := t.Context(), uuid.New(), uuid.New()
	const limit = 64 << 20
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: limit, UID: 4711}))
	require.NoError(t, s.Ensure(ctx, neighbour, Want{Limit: limit}))
	info, err := os.Stat(s.folder(id))
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode().Perm())
	require.EqualValues(t, 4711, info.Sys().(*syscall.Stat_t).Uid)
	used, size, limited, err := s.Size(ctx, id)
	require.NoError(t, err)
	require.True(t, limited)
	require.Less(t, used, int64(1<<20), "an empty folder is empty")
	require.InEpsilon(t, limit, size, 0.1)

	written, err := fill(t, s, id, "big")
	require.ErrorIs(t, err, unix.ENOSPC)
	require.InEpsilon(t, limit, written, 0.1)
	_, err = fill(t, s, neighbour, "big")
	require.ErrorIs(t, err, unix.ENOSPC, "and a neighbour has all of its own")

	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 2 * limit}), "a larger plan, while the folder is in use")
	more, err := fill(t, s, id, "more")
	require.ErrorIs(t, err, unix.ENOSPC)
	require.InEpsilon(t, limit, more, 0.15)
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: limit}), "a smaller one takes nothing away")
	require.Len(t, read(t, s, id, "big"), int(written))
}

func TestWhatIsDeletedIsGivenBackToTheDisk(t *testing.T) {
	s := newSet(t)
	id := uuid.New()
	require.NoError(t, s.Ensure(t.Context(), id, Want{Limit: 64 << 20}))
	blocks := func() int64 {
		unix.Sync()
		var stat unix.Stat_t
		require.NoError(t, unix.Stat(s.image(id), &stat))
		return stat.Blocks * 512
	}
	empty := blocks()
	require.Less(t, empty, int64(8<<20), "an image is sparse")
	_, err := fill(t, s, id, "big")
	require.ErrorIs(t, err, unix.ENOSPC)
	require.Greater(t, blocks(), int64(50<<20))
	require.NoError(t, os.Remove(filepath.Join(s.folder(id), "big")))
	require.Eventually(t, func() bool { return blocks() < empty+8<<20 }, 20*time.Second, 100*time.Millisecond)
}

func TestAPlainFolderBecomesAVolumeWithoutLoss(t *testing.T) {
	s := newSet(t)
	ctx, id := t.Context(), uuid.New()
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: -1}))
	require.NoError(t, exec.Command("bash", "-ec", `cd "$0"; mkdir -p a/b; echo kept > a/b/file; ln -s b a/link; ln a/b/file a/hard
		chmod 640 a/b/file; chown 4711:4712 a/b/file; head -c 20000000 /dev/urandom > noise; mkfifo pipe`, s.folder(id)).Run())
	listing := func() string {
		text, err := exec.Command("bash", "-ec", `cd "$0"; find . ! -name lost+found -printf '%p %M %U %G %s %l %n\n' | grep -v '^. ' | sed '/ d/s/ [0-9]*  [0-9]*$//' | sort; sha256sum noise a/b/file`, s.folder(id)).CombinedOutput()
		require.NoError(t, err, "%s", text)
		return string(text)
	}
	before := listing()
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 16 << 20}), "something may work in it")
	require.False(t, s.mounted(id))
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 16 << 20, Idle: true}))
	require.True(t, s.mounted(id))
	require.Equal(t, before, listing(), "all of it, though it is more than the limit")
	left, err := os.ReadDir(s.o.Folders)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestACutMoveIntoAVolumeIsCarriedOn(t *testing.T) {
	s := newSet(t)
	ctx, id := t.Context(), uuid.New()
	plain := func(content string) {
		require.NoError(t, os.MkdirAll(s.folder(id), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(s.folder(id), "file"), []byte(content), 0o600))
	}
	// Cut while it was copied: the plain folder is what counts.
	plain("one")
	require.NoError(t, os.MkdirAll(s.filling(id), 0o700))
	require.NoError(t, os.WriteFile(s.fresh(id), []byte("half"), 0o600))
	require.Equal(t, "one", read(t, s, id, "file"))
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20, Idle: true}))
	require.Equal(t, "one", read(t, s, id, "file"))

	// Cut right after the image was whole.
	require.NoError(t, unix.Unmount(s.folder(id), 0))
	plain("the same file as in the image")
	require.NoError(t, os.WriteFile(s.mark(id), nil, 0o600))
	require.Equal(t, "one", read(t, s, id, "file"))

	// Files that nobody has adopted are not hidden, nor removed.
	require.NoError(t, unix.Unmount(s.folder(id), 0))
	plain("restored by hand")
	_, err := s.Open(ctx, id)
	require.ErrorContains(t, err, "files lie in")
	text, err := os.ReadFile(filepath.Join(s.folder(id), "file"))
	require.NoError(t, err)
	require.Equal(t, "restored by hand", string(text))
}

func TestARestingVolumeIsMountedAgain(t *testing.T) {
	s := newSet(t)
	ctx, id := t.Context(), uuid.New()
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20}))
	root, err := s.Open(ctx, id)
	require.NoError(t, err)
	require.NoError(t, root.WriteFile("file", []byte("kept"), 0o600))
	nobody := func(uuid.UUID) bool { return false }
	rest := func() {
		s.opened[id] = time.Time{}
		require.NoError(t, s.Rest(ctx, false, nobody))
	}
	rest()
	require.True(t, s.mounted(id), "it is open")
	require.NoError(t, root.Close())
	s.opened[id] = time.Now()
	require.NoError(t, s.Rest(ctx, false, nobody))
	require.True(t, s.mounted(id), "it was open a moment ago")
	s.opened[id] = time.Time{}
	require.NoError(t, s.Rest(ctx, false, func(x uuid.UUID) bool { return x == id }))
	require.True(t, s.mounted(id), "it is in use")
	rest()
	require.False(t, s.mounted(id))
	loop, err := device(ctx, s.image(id))
	require.NoError(t, err)
	require.Empty(t, loop, "no device is left")

	again := New(s.o) // as after a restart of the machine
	require.Equal(t, "kept", read(t, again, id, "file"))
	require.NoError(t, again.Delete(ctx, id))
	require.NoError(t, again.Delete(ctx, id))
	left, err := os.ReadDir(s.o.Images)
	require.NoError(t, err)
	for _, entry := range left {
		require.NotContains(t, entry.Name(), id.String())
	}
	_, err = again.Open(ctx, id)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestASecondMountIsOfTheSameDevice: a sandbox's own mount outlives ours, and two
// devices over one image would destroy it.
func TestASecondMountIsOfTheSameDevice(t *testing.T) {
	s := newSet(t)
	ctx, id := t.Context(), uuid.New()
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20}))
	sandbox := filepath.Join(filepath.Dir(s.o.Images), "sandbox")
	require.NoError(t, os.Mkdir(sandbox, 0o700))
	require.NoError(t, unix.Mount(s.folder(id), sandbox, "", unix.MS_BIND, ""))
	defer func() { _ = unix.Unmount(sandbox, unix.MNT_DETACH) }()
	require.NoError(t, s.Rest(ctx, false, func(uuid.UUID) bool { return false }))
	require.NoError(t, unix.Unmount(s.folder(id), 0))
	require.NoError(t, os.WriteFile(filepath.Join(sandbox, "file"), []byte("from inside"), 0o600))
	require.Equal(t, "from inside", read(t, s, id, "file"))
}

func TestAFullDiskIsNotFilledFurther(t *testing.T) {
	s := newSet(t)
	ctx, id := t.Context(), uuid.New()
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20}))
	s.o.Reserve = 1 << 60
	require.ErrorIs(t, s.Ensure(ctx, uuid.New(), Want{Limit: 32 << 20}), driver.ErrDiskFull)
	require.ErrorIs(t, s.Ensure(ctx, id, Want{Limit: 64 << 20}), driver.ErrDiskFull)
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20}), "what is there is used on")
}

// TestADiskThatIsReallyFullTakesNothingThatWasWritten is fault row 16 for the disk
// under the volumes, which promise more than it has.
func TestADiskThatIsReallyFullTakesNothingThatWasWritten(t *testing.T) {
	disk := smalldisk.Mount(t, conformance.DataDir(t), 256)
	s := newSet(t, func(o *Options) {
		o.Images, o.Folders, o.Reserve = filepath.Join(disk.Path, "volumes"), filepath.Join(disk.Path, "users"), 8<<20
	})
	ctx, ids := t.Context(), []uuid.UUID{uuid.New(), uuid.New()}
	t.Cleanup(func() { mounts.EndBelow(s.o.Folders) }) // before the disk
	work := func(id uuid.UUID, do func(f *files.Folder) error) error {
		root, err := s.Open(ctx, id)
		require.NoError(t, err)
		defer root.Close()
		return do(files.In(root, &sync.Mutex{}))
	}
	write := func(id uuid.UUID, name string, size int) error {
		return work(id, func(f *files.Folder) error {
			_, err := f.Write(name, files.Condition{}, strings.NewReader(strings.Repeat(name[:1], size)))
			return err
		})
	}
	unpack := func(id uuid.UUID, name string, size int) error {
		var archive bytes.Buffer
		compressed := gzip.NewWriter(&archive)
		w := tar.NewWriter(compressed)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(size)}))
		_, err := io.CopyN(w, rand.NewChaCha8([32]byte{}), int64(size))
		require.NoError(t, errors.Join(err, w.Close(), compressed.Close()))
		return work(id, func(f *files.Folder) error {
			_, err := f.Unpack("", &archive, func(int64) error { return nil })
			return err
		})
	}
	whole := func() {
		t.Helper()
		for _, id := range ids {
			if read(t, s, id, "kept") != strings.Repeat("k", 4<<20) { // too long to be shown
				t.Fatal("what was written is not what is there")
			}
		}
	}
	for _, id := range ids {
		require.NoError(t, s.Ensure(ctx, id, Want{Limit: 64 << 20}))
		require.NoError(t, write(id, "kept", 4<<20))
	}
	disk.Fill()
	require.ErrorIs(t, s.Ensure(ctx, uuid.New(), Want{Limit: 64 << 20}), driver.ErrDiskFull)
	require.ErrorIs(t, s.Ensure(ctx, ids[0], Want{Limit: 96 << 20}), driver.ErrDiskFull)
	full := func(err error) {
		t.Helper()
		if !errors.Is(err, files.ErrReadOnly) { // as it is when a write of the file system's own failed
			require.ErrorIs(t, err, files.ErrFull)
		}
	}
	full(write(ids[0], "refused", 32<<20))
	full(unpack(ids[1], "refused", 32<<20))
	whole()

	disk.Empty()
	unix.Sync()
	clear(s.opened)
	require.NoError(t, s.Rest(ctx, true, func(uuid.UUID) bool { return false }))
	for _, id := range ids {
		require.NoError(t, s.Ensure(ctx, id, Want{Limit: 64 << 20}))
		require.NoFileExists(t, filepath.Join(s.folder(id), "refused"))
		require.NoError(t, write(id, "afterwards", 24<<20))
		require.NoError(t, unpack(id, "too", 24<<20))
	}
	whole()
	require.NoError(t, s.Ensure(ctx, uuid.New(), Want{Limit: 64 << 20}))
}

func TestWithoutVolumesFoldersArePlain(t *testing.T) {
	s := newSet(t, func(o *Options) { o.Off = true })
	ctx, id := t.Context(), uuid.New()
	require.ErrorContains(t, s.Unfit(ctx), "ATRIUM_STORAGE_VOLUMES")
	require.NoError(t, s.Ensure(ctx, id, Want{Limit: 32 << 20, UID: os.Geteuid()}))
	_, _, limited, err := s.Size(ctx, id)
	require.NoError(t, err)
	require.False(t, limited)
	root, err := s.Open(ctx, id)
	require.NoError(t, err)
	require.NoError(t, root.Close())
	require.NoError(t, s.Delete(ctx, id))
}

func TestManyOpenAtOnce(t *testing.T) {
	s := newSet(t)
	id := uuid.New()
	require.NoError(t, s.Ensure(t.Context(), id, Want{Limit: 32 << 20}))
	errs := make(chan error)
	for range 8 {
		go func() {
			var all error
			for range 10 {
				other := New(s.o)
				root, err := other.Open(context.Background(), id)
				if all = errors.Join(all, err); err == nil {
					_, err := root.Stat(".")
					all = errors.Join(all, err, root.Close())
				}
				all = errors.Join(all, other.Rest(context.Background(), true, func(uuid.UUID) bool { return false }))
			}
			errs <- all
		}()
	}
	for range 8 {
		require.NoError(t, <-errs)
	}
}
