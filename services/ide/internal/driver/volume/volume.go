package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
)

// Options configure a Set. Images and Folders are required.
type Options struct {
	// Images is the folder of the images, Folders that of the folders.
	Images, Folders string
	// Reserve is how many bytes of the disk are kept free: below them no image
	// is made, and none grows.
	Reserve int64
	// Off makes every new folder a plain one.
	Off bool
	Log *slog.Logger
}

// Set is all folders of a machine.
type Set struct {
	o Options

	mu     sync.Mutex
	probed bool
	unfit  error // why there are no new images; nil: there are
	opened map[uuid.UUID]time.Time
}

// New makes a set. It does no I/O.
func New(o Options) *Set {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Set{o: o, opened: map[uuid.UUID]time.Time{}}
}

// Want is what a folder shall be.
type Want struct {
	// Limit is in bytes; below zero there is none.
	Limit int64
	// UID owns the folder.
	UID int
	// Idle says that nothing works in the folder, so that a plain one may become
	// an image.
	Idle bool
}

func (s *Set) folder(id uuid.UUID) string { return filepath.Join(s.o.Folders, id.String()) }
func (s *Set) image(id uuid.UUID) string  { return filepath.Join(s.o.Images, id.String()+".img") }

// Ensure makes a folder if it is not there, and gives it its limit: a larger one
// at once. A smaller one does not shrink what is there; to lose files is worse
// than to keep some too many.
func (s *Set) Ensure(ctx context.Context, id uuid.UUID, w Want) error {
	unlock, err := s.lock(id, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	s.touch(id)
	has, err := s.hasImage(id)
	if err != nil {
		return err
	}
	if has {
		if err := s.mount(ctx, id); err != nil {
			return err
		}
		return s.grow(ctx, id, w.Limit)
	}
	empty, err := vacant(s.folder(id))
	switch {
	case err != nil:
		return err
	case w.Limit < 0 || s.Unfit(ctx) != nil || (!empty && !w.Idle):
		return plain(s.folder(id), w.UID)
	case empty:
		return s.create(ctx, id, w)
	}
	return s.adopt(ctx, id, w)
}

// Open opens a folder, mounted if it has an image; fs.ErrNotExist when there is
// none. As long as the root is open the folder stays mounted.
func (s *Set) Open(ctx context.Context, id uuid.UUID) (*os.Root, error) {
	root, unlock, err := s.use(ctx, id)
	if err == nil {
		unlock()
	}
	return root, err
}

// Use is Open for work during which a plain folder must not become an image;
// done ends it, and closes the root.
func (s *Set) Use(ctx context.Context, id uuid.UUID) (root *os.Root, done func(), err error) {
	root, unlock, err := s.use(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	return root, func() { root.Close(); unlock() }, nil
}

func (s *Set) use(ctx context.Context, id uuid.UUID) (*os.Root, func(), error) {
	for {
		if s.absent(id) { // a lock file would be all that there is of it
			return nil, nil, fs.ErrNotExist
		}
		unlock, err := s.lock(id, unix.LOCK_SH)
		if err != nil {
			return nil, nil, err
		}
		ready, err := s.ready(id)
		if err == nil && ready {
			s.touch(id)
			var root *os.Root
			if root, err = os.OpenRoot(s.folder(id)); err == nil {
				return root, unlock, nil
			}
		}
		unlock()
		if err != nil {
			return nil, nil, err
		}
		if err := s.mountLocked(ctx, id); err != nil {
			return nil, nil, err
		}
	}
}

func (s *Set) mountLocked(ctx context.Context, id uuid.UUID) error {
	unlock, err := s.lock(id, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	s.touch(id)
	if has, err := s.hasImage(id); err != nil || !has {
		return err // deleted meanwhile
	}
	return s.mount(ctx, id)
}

func (s *Set) touch(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[id] = time.Now()
}

// ready reports whether nothing has to be mounted before a folder is opened.
func (s *Set) ready(id uuid.UUID) (bool, error) {
	has, err := s.hasImage(id)
	if err != nil || !has {
		return true, err
	}
	return s.mounted(id), nil
}

// Size gives what a folder holds and may hold; limited is false for a plain one.
func (s *Set) Size(ctx context.Context, id uuid.UUID) (used, limit int64, limited bool, err error) {
	if has, err := s.hasImage(id); err != nil || !has {
		return 0, 0, false, err
	}
	root, err := s.Open(ctx, id)
	if err != nil {
		return 0, 0, false, err
	}
	defer root.Close()
	var fs unix.Statfs_t
	if err := unix.Statfs(s.folder(id), &fs); err != nil {
		return 0, 0, false, fmt.Errorf("measure the volume: %w", err)
	}
	return int64(fs.Blocks-fs.Bfree) * fs.Bsize, int64(fs.Blocks) * fs.Bsize, true, nil
}

// Delete removes a folder with everything in it, and its image. Nothing may
// work in it.
func (s *Set) Delete(_ context.Context, id uuid.UUID) error {
	if s.absent(id) {
		return nil
	}
	unlock, err := s.lock(id, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if s.mounted(id) {
		if err := unix.Unmount(s.folder(id), 0); err != nil {
			return fmt.Errorf("unmount the volume: %w", err)
		}
	}
	s.sweep(id)
	for _, path := range []string{s.image(id), s.folder(id), s.moved(id), s.mark(id)} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("delete the volume: %w", err)
		}
	}
	s.mu.Lock()
	delete(s.opened, id)
	s.mu.Unlock()
	return os.Remove(s.lockFile(id))
}

// restAfter is how long an image stays mounted that nobody opens.
const restAfter = time.Minute

// Rest unmounts what was not opened for a while, or with now at all, and is not
// in use. Whatever is busy stays.
func (s *Set) Rest(ctx context.Context, now bool, inUse func(uuid.UUID) bool) error {
	mounted, err := below(s.o.Folders)
	if err != nil {
		return err
	}
	for _, name := range mounted {
		id, err := uuid.Parse(name)
		if err != nil || inUse(id) {
			continue
		}
		s.mu.Lock()
		recent := time.Since(s.opened[id]) < restAfter
		s.mu.Unlock()
		if recent && !now {
			continue
		}
		unlock, err := s.lock(id, unix.LOCK_EX|unix.LOCK_NB)
		if err != nil {
			continue
		}
		if err := unix.Unmount(s.folder(id), 0); err != nil && !errors.Is(err, unix.EBUSY) {
			s.o.Log.WarnContext(ctx, "a volume can't be unmounted", "volume", id, "error", err)
		}
		unlock()
	}
	return nil
}

// Free is how many bytes of the disk are free, and how many are kept so.
func (s *Set) Free() (free, reserve int64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(s.o.Folders, &fs); err != nil {
		return 0, 0, fmt.Errorf("measure the disk: %w", err)
	}
	return int64(fs.Bavail) * fs.Bsize, s.o.Reserve, nil
}

// room answers driver.ErrDiskFull when the disk has not so many bytes more to give.
func (s *Set) room(bytes int64) error {
	free, reserve, err := s.Free()
	if err == nil && free-bytes < reserve {
		err = fmt.Errorf("%w: %d MiB are free, %d MiB are kept free", driver.ErrDiskFull, free>>20, reserve>>20)
	}
	return err
}

func (s *Set) lockFile(id uuid.UUID) string { return filepath.Join(s.o.Images, id.String()+".lock") }

// lock orders what processes do to a folder.
func (s *Set) lock(id uuid.UUID, how int) (unlock func(), err error) {
	if err := os.MkdirAll(s.o.Images, 0o700); err != nil {
		return nil, fmt.Errorf("volumes: %w", err)
	}
	for {
		f, err := os.OpenFile(s.lockFile(id), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock the volume: %w", err)
		}
		if err := unix.Flock(int(f.Fd()), how); err != nil {
			f.Close()
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return nil, fmt.Errorf("lock the volume: %w", err)
		}
		held, err := f.Stat()
		if now, gone := os.Stat(s.lockFile(id)); err == nil && gone == nil && os.SameFile(held, now) {
			return sync.OnceFunc(func() { f.Close() }), nil
		}
		f.Close() // deleted meanwhile, with its folder
	}
}

// absent reports whether there is nothing of a folder, not even what a cut
// deletion left.
func (s *Set) absent(id uuid.UUID) bool {
	for _, path := range []string{s.folder(id), s.image(id), s.lockFile(id), s.fresh(id), s.moved(id)} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

func (s *Set) hasImage(id uuid.UUID) (bool, error) {
	_, err := os.Stat(s.image(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("the volume's image: %w", err)
	}
	return true, nil
}

// vacant reports whether a folder is not there or has nothing in it.
func vacant(path string) (bool, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("the folder: %w", err)
	}
	return len(entries) == 0, nil
}

// plain makes a folder without a limit.
func plain(path string, uid int) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		err = os.Chown(path, uid, uid)
	}
	if err != nil {
		return fmt.Errorf("the folder: %w", err)
	}
	return nil
}
