package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Format of the data directory. A program refuses a directory of a newer one.
const (
	formatFile = "atrium-format"
	format     = "1"
)

var errInUse = errors.New("another atrium is running")

// dataDir is a data directory that this process alone uses.
type dataDir struct{ lock *os.File }

// openDataDir takes the directory for this process, making it when it is not
// there. It never touches a directory that is somebody else's.
func openDataDir(path string) (*dataDir, error) {
	// Readable by all: users' own processes must be able to reach their folders.
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("ATRIUM_DATA_DIR: %w", err)
	}
	if err := checkFormat(path); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_DATA_DIR: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("ATRIUM_DATA_DIR: %w on %s", errInUse, path)
	}
	return &dataDir{lock: lock}, nil
}

func (d *dataDir) close() error { return d.lock.Close() }

func checkFormat(path string) error {
	marker := filepath.Join(path, formatFile)
	content, err := os.ReadFile(marker)
	if err == nil {
		if found := strings.TrimSpace(string(content)); found != format {
			return fmt.Errorf("ATRIUM_DATA_DIR: %s has format %q, this program knows %q", path, found, format)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("ATRIUM_DATA_DIR: %w", err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("ATRIUM_DATA_DIR: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("ATRIUM_DATA_DIR: %s is not empty and was not made by Atrium; nothing was changed", path)
	}
	if err := os.WriteFile(marker, []byte(format+"\n"), 0o644); err != nil {
		return fmt.Errorf("ATRIUM_DATA_DIR: %w", err)
	}
	return nil
}
