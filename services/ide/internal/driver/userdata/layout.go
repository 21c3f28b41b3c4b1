package userdata

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Layout knows where everything lies on this machine: what is kept, below the
// data directory, and what goes with a sandbox, below the run directory.
type Layout struct{ Data, Run string }

// Notes is the folder of the drivers' own records.
func (l Layout) Notes() string { return filepath.Join(l.Data, "ide") }
func (l Layout) users() string { return filepath.Join(l.Data, "users") }

// User is the folder of everything that is kept for a user.
func (l Layout) User(owner driver.Owner) string { return filepath.Join(l.users(), owner.String()) }

// Sandbox is the run folder of one sandbox.
func (l Layout) Sandbox(workspace uuid.UUID) string { return filepath.Join(l.Run, workspace.String()) }
func (l Layout) logs() string                       { return filepath.Join(l.Notes(), "logs") }

// Log is the file of what a workspace's editor prints.
func (l Layout) Log(workspace uuid.UUID) string {
	return filepath.Join(l.logs(), workspace.String()+".log")
}

// Names below a user's folder: VS Code's settings and extensions, and the home
// folder, which all of the user's workspaces share.
const (
	Settings   = "settings"
	Extensions = "extensions"
	Home       = ".metadata/home"

	metadata   = ".metadata"
	workspaces = "workspaces"
)

// Project is the folder of a workspace's files, below the user's.
func Project(workspace uuid.UUID) string { return workspaces + "/" + workspace.String() }

// State is the folder of a workspace's editor, below the user's.
func State(workspace uuid.UUID) string { return metadata + "/" + workspace.String() }

// Make makes the folders that are nobody's own. Others may pass through users/
// and the run folder, because a uid without bubblewrap must reach its own folders.
func (l Layout) Make() error {
	for _, dir := range []struct {
		path string
		mode fs.FileMode
	}{{l.Data, 0o711}, {l.Notes(), 0o700}, {l.logs(), 0o700}, {l.users(), 0o711}, {l.Run, 0o711}} {
		if err := os.MkdirAll(dir.path, dir.mode); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
	}
	return ownedByUs(l.Run)
}

// ownedByUs guards a run folder below /tmp, where anybody could have made it.
func ownedByUs(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("run directory %s is not a folder of ours", path)
	}
	return nil
}

// openUser opens the topmost of a user's folders. While it is open, its volume
// stays mounted; so nothing below it is to be reached by path without.
func (s *Store) openUser(ctx context.Context, owner driver.Owner) (*os.Root, error) {
	root, err := s.volumes.Open(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("the user's folder: %w", err)
	}
	return root, nil
}

// useUser is openUser for longer work, during which the folder must not become a
// volume.
func (s *Store) useUser(ctx context.Context, owner driver.Owner) (root *os.Root, done func(), err error) {
	root, done, err = s.volumes.Use(ctx, owner)
	if err != nil {
		return nil, nil, fmt.Errorf("the user's folder: %w", err)
	}
	return root, done, nil
}

// EnsureUser makes a user's folders, all 0700 and the user's own, and opens
// the topmost. Whatever the user made of them is not followed out of it.
func (s *Store) EnsureUser(owner driver.Owner, uid int) (*os.Root, error) {
	if err := s.Make(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(s.User(owner), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the user's folder: %w", err)
	}
	root, err := s.openUser(context.Background(), owner)
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{".", workspaces, Settings, Extensions, metadata, Home} {
		if err := OwnDir(root, dir, uid); err != nil {
			root.Close()
			return nil, err
		}
	}
	return root, nil
}

// OwnDir makes one folder the user's own; a link in its place is refused.
func OwnDir(root *os.Root, name string, uid int) error {
	if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("folder %s: %w", name, err)
	}
	info, err := root.Lstat(name)
	if err != nil {
		return fmt.Errorf("folder %s: %w", name, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("folder %s: something else lies in its place", name)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) == uid && info.Mode().Perm() == 0o700 {
		return nil
	}
	if err := root.Lchown(name, uid, uid); err != nil {
		return fmt.Errorf("folder %s: %w", name, err)
	}
	return root.Chmod(name, 0o700)
}
