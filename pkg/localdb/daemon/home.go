package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Home is the private folder of one server.
type Home struct {
	// Path is the folder's absolute path.
	Path string
	// Sockets is the folder for the server's Unix sockets. It depends on Path
	// alone, so that the next program finds it, and is short, because the path
	// of a socket is limited to 107 bytes.
	Sockets string
	Account Account

	folder *os.File
}

// Open makes the folder at path when it is missing, readable by one account
// only. As root that account is the first of names that exists. It refuses a
// folder that belongs to somebody else.
func Open(path string, names ...string) (*Home, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	account, err := accountFor(path, names)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(path))
	h := &Home{
		Path:    path,
		Sockets: filepath.Join("/tmp", "atrium-"+hex.EncodeToString(sum[:6])),
		Account: account,
	}
	if err := claim(h.Path, account); err != nil {
		return nil, err
	}
	h.folder, err = os.Open(h.Path)
	return h, err
}

// Close lets go of the folder; a running server is not touched.
func (h *Home) Close() error { return h.folder.Close() }

// Own gives a file that the program made in the folder to the server's account.
func (h *Home) Own(path string) error {
	if !h.Account.dropped() {
		return nil
	}
	return os.Lchown(path, int(h.Account.UID), int(h.Account.GID))
}

// Lock keeps other programs from starting or stopping a server in the same
// folder until the returned function is called, and makes sure that the socket
// folder is there and private. The kernel lets go of the lock when its holder
// dies.
func (h *Home) Lock(ctx context.Context) (unlock func(), err error) {
	file, err := h.lock(ctx)
	if err != nil {
		return nil, err
	}
	if err := claim(h.Sockets, h.Account); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// RemoveSockets tidies up after a server that has ended.
func (h *Home) RemoveSockets() error { return os.RemoveAll(h.Sockets) }

func (h *Home) lock(ctx context.Context) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(h.Path, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("wait for the other program that is starting the server in %s: %w", h.Path, err)
		}
	}
}

// claim makes sure that folder is a real folder, private, and the account's.
func claim(folder string, account Account) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder: move it away", folder)
	case owner == uint32(os.Geteuid()) && account.dropped():
		if err := os.Lchown(folder, int(account.UID), int(account.GID)); err != nil {
			return err
		}
	case owner != account.UID:
		return fmt.Errorf("%s belongs to uid %d, not to uid %d: start as its owner or choose another folder", folder, owner, account.UID)
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(folder, 0o700)
	}
	return nil
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
