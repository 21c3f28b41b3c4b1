package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// writeNew writes a file whole or not at all. A file that is replaced keeps its
// owner, so that a key rotated by root can still be read by the program that
// runs as somebody else.
func writeNew(path string, content []byte, mode fs.FileMode) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("key file: %w", err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	// The mode of a file that an earlier try left behind is not ours.
	err = errors.Join(err, file.Chmod(mode), keepOwner(file, path), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func keepOwner(file *os.File, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	return file.Chown(int(owner.Uid), int(owner.Gid))
}

// lockFolder waits until no other process has the folder of a file locked, and
// keeps it from them.
func lockFolder(path string) (unlock func(), err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("key file: lock %s: %w", dir, errors.Join(err, folder.Close()))
	}
	return func() { _ = folder.Close() }, nil // which ends the lock, whatever it says
}
