package userdata

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// commits is how many locks all workspaces share: few enough to keep, and many
// enough to be rarely waited for.
const commits = 64

// Commits opens the lock of changes to a workspace's files, which is one for all
// processes on this machine; done closes it.
func (s *Store) Commits(workspace uuid.UUID) (lock sync.Locker, done func(), err error) {
	dir := filepath.Join(s.Notes(), "commits")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("the files' locks: %w", err)
	}
	name := strconv.Itoa(int(workspace[len(workspace)-1]) % commits)
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("the files' locks: %w", err)
	}
	return flock{f}, func() { f.Close() }, nil
}

// flock is a lock of an open file, which others who have opened it wait for.
type flock struct{ *os.File }

func (l flock) Lock() {
	for errors.Is(unix.Flock(int(l.Fd()), unix.LOCK_EX), unix.EINTR) {
	}
}

func (l flock) Unlock() { _ = unix.Flock(int(l.Fd()), unix.LOCK_UN) }
