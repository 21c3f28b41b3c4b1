package volume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	// least is the smallest limit that a file system can be made for.
	least = 16 << 20
	// commandWithin bounds the tools; a check of a large, damaged image takes long.
	commandWithin = 5 * time.Minute
	// copyWithin bounds the move of a plain folder into an image.
	copyWithin = 30 * time.Minute
)

// sized is how large an image must be for a limit: its inodes, one for 8 KiB as
// sources need them, and its journal come on top.
func sized(limit int64) int64 {
	limit = max(limit, least)
	return (limit + limit/32 + 24<<20 + 0xfff) &^ 0xfff
}

// Unfit tells why new folders have no images; nil when they do. It makes one
// the first time.
func (s *Set) Unfit(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.probed {
		s.probed, s.unfit = true, s.probe(ctx)
	}
	return s.unfit
}

// GiveUp makes new folders plain ones from now on.
func (s *Set) GiveUp(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probed, s.unfit = true, why
}

// probe makes, mounts, grows and removes an image.
func (s *Set) probe(ctx context.Context) (err error) {
	if s.o.Off {
		return errors.New("switched off by ATRIUM_STORAGE_VOLUMES")
	}
	if os.Geteuid() != 0 {
		return errors.New("the program does not run as root")
	}
	for _, dir := range []string{s.o.Images, s.o.Folders} {
		if err := os.MkdirAll(dir, 0o711); err != nil {
			return err
		}
	}
	id := uuid.New()
	trial := New(Options{Images: s.o.Images, Folders: filepath.Join(s.o.Images, ".probe"), Log: s.o.Log})
	trial.probed = true
	if err := os.MkdirAll(trial.o.Folders, 0o700); err != nil {
		return err
	}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		err = errors.Join(err, trial.Delete(ctx, id))
	}()
	if err := trial.Ensure(ctx, id, Want{Limit: least}); err != nil {
		return err
	}
	return trial.Ensure(ctx, id, Want{Limit: 2 * least})
}

// mounted reports whether a folder is another file system than its parent.
func (s *Set) mounted(id uuid.UUID) bool {
	var own, above unix.Stat_t
	return unix.Stat(s.folder(id), &own) == nil && unix.Stat(s.o.Folders, &above) == nil && own.Dev != above.Dev
}

// create makes an empty folder with a limit.
func (s *Set) create(ctx context.Context, id uuid.UUID, w Want) error {
	if err := s.room(0); err != nil {
		return err
	}
	s.sweep(id)
	if err := s.format(ctx, s.fresh(id), sized(w.Limit), w.UID); err != nil {
		return err
	}
	if err := os.Rename(s.fresh(id), s.image(id)); err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	return s.mount(ctx, id)
}

// Names of what is not done yet, or not cleared away yet.
func (s *Set) fresh(id uuid.UUID) string {
	return filepath.Join(s.o.Images, ".new-"+id.String()+".img")
}
func (s *Set) filling(id uuid.UUID) string { return filepath.Join(s.o.Images, ".new-"+id.String()) }
func (s *Set) mark(id uuid.UUID) string    { return filepath.Join(s.o.Images, id.String()+".adopting") }

func (s *Set) moved(id uuid.UUID) string {
	return filepath.Join(s.o.Folders, ".moved-"+id.String())
}

// adopting reports whether a plain folder is just being replaced by its image.
func (s *Set) adopting(id uuid.UUID) (bool, error) {
	_, err := os.Stat(s.mark(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// sweep removes what a cut create or adopt left.
func (s *Set) sweep(id uuid.UUID) {
	_ = unix.Unmount(s.filling(id), unix.MNT_DETACH) // rarely there
	_ = os.Remove(s.filling(id))
	_ = os.Remove(s.fresh(id))
}

func (s *Set) format(ctx context.Context, image string, size int64, uid int) error {
	f, err := os.OpenFile(image, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	owner := strconv.Itoa(uid)
	return run(ctx, commandWithin, "mkfs.ext4", "-q", "-F", "-m", "0", "-i", "8192", "-J", "size=16",
		"-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner="+owner+":"+owner, image)
}

// mount mounts a folder's image, unless it is. An image that a sandbox still has
// mounted is mounted a second time by the same device, which is safe.
func (s *Set) mount(ctx context.Context, id uuid.UUID) error {
	if s.mounted(id) {
		return nil
	}
	folder := s.folder(id)
	if err := s.clearPlace(id); err != nil {
		return err
	}
	var err error
	for range 3 { // a device may be just ending with its last mount
		if err = attach(ctx, s.image(id), folder, true); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(folder, "lost+found")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.o.Log.WarnContext(ctx, "a check has saved pieces of files", "volume", id)
	}
	return os.Chmod(folder, 0o700)
}

// clearPlace makes the empty folder that an image is mounted on. What else lies
// there is moved away only if adopt has said that all of it is in the image.
func (s *Set) clearPlace(id uuid.UUID) error {
	empty, err := vacant(s.folder(id))
	if err != nil {
		return err
	}
	adopted, err := s.adopting(id)
	if err != nil {
		return err
	}
	if !empty && !adopted {
		return fmt.Errorf("files lie in %s, where the volume %s is to be mounted", s.folder(id), s.image(id))
	}
	if !empty {
		if err := os.Rename(s.folder(id), s.moved(id)); err != nil {
			return fmt.Errorf("the folder: %w", err)
		}
	}
	if adopted {
		if err := errors.Join(os.RemoveAll(s.moved(id)), os.Remove(s.mark(id))); err != nil {
			return fmt.Errorf("the folder of before: %w", err)
		}
	}
	if err := os.Mkdir(s.folder(id), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the folder: %w", err)
	}
	return nil
}

// attach mounts an image on a folder, after a check unless it is mounted already
// elsewhere. What is freed inside is given back to the disk.
func attach(ctx context.Context, image, folder string, check bool) error {
	before, err := device(ctx, image)
	if err != nil {
		return err
	}
	if before == "" && check {
		// 1: it was put right.
		if err := run(ctx, commandWithin, "e2fsck", "-p", image); err != nil && exitCode(err) != 1 {
			return fmt.Errorf("the volume is damaged: %w", err)
		}
	}
	text, err := output(ctx, commandWithin, "losetup", "--find", "--show", "--nooverlap", image)
	if err != nil {
		return err
	}
	loop := strings.TrimSpace(text)
	err = unix.Mount(loop, folder, "ext4", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOATIME, "discard,errors=remount-ro")
	// The device ends with its last mount, whoever's that is.
	if err := errors.Join(err, run(ctx, commandWithin, "losetup", "--detach", loop)); err != nil {
		return fmt.Errorf("mount the volume: %w", err)
	}
	return nil
}

// device gives the loop device of an image, or "".
func device(ctx context.Context, image string) (string, error) {
	text, err := output(ctx, commandWithin, "losetup", "--associated", image, "--noheadings", "--output", "NAME")
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return first, err
}

// grow gives a mounted folder a larger limit.
func (s *Set) grow(ctx context.Context, id uuid.UUID, limit int64) error {
	image, size := s.image(id), sized(limit)
	info, err := os.Stat(image)
	if err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	if limit < 0 {
		free, _, err := s.Free()
		if err != nil {
			return err
		}
		if size = (info.Size() + free) &^ 0xfff; size < info.Size()*2 { // once is enough
			return nil
		}
	}
	var have unix.Statfs_t
	if err := unix.Statfs(s.folder(id), &have); err != nil {
		return fmt.Errorf("measure the volume: %w", err)
	}
	// Not the image's size counts: a cut growth has made that larger already.
	if has := int64(have.Blocks) * have.Bsize; limit >= 0 && max(limit, least) <= has+has/64 {
		return nil
	}
	if err := s.room(0); err != nil {
		return err
	}
	loop, err := device(ctx, image)
	if err != nil {
		return err
	}
	if err := os.Truncate(image, max(size, info.Size())); err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	online := run(ctx, commandWithin, "losetup", "--set-capacity", loop)
	if online == nil {
		online = run(ctx, commandWithin, "resize2fs", loop)
	}
	if online == nil {
		return nil
	}
	grown, err := s.growUnmounted(ctx, id)
	if err == nil && !grown {
		s.o.Log.WarnContext(ctx, "a volume grows when its user's workspaces have stopped", "volume", id, "error", online)
	}
	return err
}

// growUnmounted is for kernels and accounts that may not do it while an image is
// mounted. It does nothing when somebody works in it.
func (s *Set) growUnmounted(ctx context.Context, id uuid.UUID) (grown bool, err error) {
	switch err := unix.Unmount(s.folder(id), 0); {
	case errors.Is(err, unix.EBUSY):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("unmount the volume: %w", err)
	}
	defer func() { err = errors.Join(err, s.mount(ctx, id)) }()
	image := s.image(id)
	for range 20 { // the device ends a moment after its last mount
		loop, err := device(ctx, image)
		if err != nil {
			return false, err
		}
		if loop == "" {
			if err := run(ctx, commandWithin, "e2fsck", "-f", "-p", image); err != nil && exitCode(err) != 1 {
				return false, fmt.Errorf("the volume is damaged: %w", err)
			}
			return true, run(ctx, commandWithin, "resize2fs", image)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false, nil // a sandbox has it mounted
}

// adopt moves a plain folder into an image, as large as its limit, or as what
// lies in it. Until the image is whole the folder stays what it is.
func (s *Set) adopt(ctx context.Context, id uuid.UUID, w Want) error {
	// A start that takes too long must not lose what was copied so far.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), copyWithin)
	defer cancel()
	used, err := weigh(s.folder(id))
	if err != nil {
		return err
	}
	if err := s.room(used + used/8); err != nil {
		s.o.Log.WarnContext(ctx, "a folder stays without a limit", "volume", id, "error", err)
		return nil
	}
	s.sweep(id)
	if err := s.format(ctx, s.fresh(id), sized(max(w.Limit, used+used/8+64<<20)), w.UID); err != nil {
		return err
	}
	defer s.sweep(id)
	if err := os.Mkdir(s.filling(id), 0o700); err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	if err := attach(ctx, s.fresh(id), s.filling(id), false); err != nil {
		return err
	}
	if err := run(ctx, copyWithin, "cp", "--archive", "--", s.folder(id)+"/.", s.filling(id)); err != nil {
		return fmt.Errorf("move the folder into a volume: %w", err)
	}
	if err := unix.Unmount(s.filling(id), 0); err != nil { // and with it everything is on disk
		return fmt.Errorf("move the folder into a volume: %w", err)
	}
	if err := errors.Join(os.WriteFile(s.mark(id), nil, 0o600), os.Rename(s.fresh(id), s.image(id))); err != nil {
		return fmt.Errorf("the volume's image: %w", err)
	}
	return s.mount(ctx, id)
}

// weigh adds up the blocks of a folder.
func weigh(path string) (int64, error) {
	var total int64
	err := filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			total += stat.Blocks*512 + 512
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure the folder: %w", err)
	}
	return total, nil
}

// below gives the names of what is mounted right below a folder.
func below(folder string) ([]string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("mounts: %w", err)
	}
	var names []string
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 4 && filepath.Dir(fields[4]) == folder {
			names = append(names, filepath.Base(fields[4]))
		}
	}
	return names, nil
}

func run(ctx context.Context, within time.Duration, name string, args ...string) error {
	_, err := output(ctx, within, name, args...)
	return err
}

func output(ctx context.Context, within time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"}
	if path, err := lookPath(name); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return "", fmt.Errorf("%s: %w: %s", name, err, lines[len(lines)-1])
	}
	return string(text), nil
}

// lookPath also looks where only root's PATH leads.
func lookPath(name string) (string, error) {
	for _, dir := range []string{"", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
