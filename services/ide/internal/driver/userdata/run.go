package userdata

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/google/uuid"
)

// Files of a sandbox's run folder that name its user inside.
const (
	PasswdFile = "passwd"
	GroupFile  = "group"
)

// Sockets is the folder of a sandbox's sockets, the only part of its run folder
// that is the user's.
func (l Layout) Sockets(workspace uuid.UUID) string {
	return filepath.Join(l.Sandbox(workspace), "socket")
}

// PrepareRun makes a clean run folder for a sandbox: the folder of sockets, and
// the files that name the user, who has the given home inside.
func (l Layout) PrepareRun(workspace uuid.UUID, uid int, home string) error {
	dir, sockets := l.Sandbox(workspace), l.Sockets(workspace)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	if err := os.MkdirAll(sockets, 0o700); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	err := errors.Join(
		os.Chmod(dir, 0o711), // a uid without namespaces passes through to its socket
		os.Chown(sockets, uid, uid),
		os.WriteFile(filepath.Join(dir, PasswdFile), Passwd(uid, home), 0o644),
		os.WriteFile(filepath.Join(dir, GroupFile), Group(uid), 0o644),
	)
	if err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	return nil
}

// Passwd names a sandbox's user inside, who has the given home there.
func Passwd(uid int, home string) []byte {
	id := strconv.Itoa(uid)
	return []byte("root:x:0:0:root:/:/usr/sbin/nologin\ncoder:x:" + id + ":" + id + "::" + home + ":/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")
}

// Group names the user's group.
func Group(uid int) []byte {
	return []byte("root:x:0:\ncoder:x:" + strconv.Itoa(uid) + ":\nnogroup:x:65534:\n")
}
