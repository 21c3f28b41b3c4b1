package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// layout knows where everything lies on this machine.
type layout struct{ data, run string }

func (l layout) notes() string                  { return filepath.Join(l.data, "ide") }
func (l layout) records() string                { return filepath.Join(l.notes(), "sandboxes") }
func (l layout) users() string                  { return filepath.Join(l.data, "users") }
func (l layout) user(owner driver.Owner) string { return filepath.Join(l.users(), owner.String()) }

func (l layout) sandbox(workspace uuid.UUID) string { return filepath.Join(l.run, workspace.String()) }
func (l layout) logs() string                       { return filepath.Join(l.notes(), "logs") }
func (l layout) log(workspace uuid.UUID) string {
	return filepath.Join(l.logs(), workspace.String()+".log")
}

func (l layout) record(workspace uuid.UUID) string {
	return filepath.Join(l.records(), workspace.String()+".json")
}

// Names below a user's folder.
const (
	settingsDir   = "settings"
	extensionsDir = "extensions"
	metadataDir   = ".metadata"
	homeDir       = ".metadata/home"
	workspacesDir = "workspaces"
)

func project(workspace uuid.UUID) string { return workspacesDir + "/" + workspace.String() }
func state(workspace uuid.UUID) string   { return metadataDir + "/" + workspace.String() }

// Names below a sandbox's run folder. Only the socket's folder is the user's.
const (
	socketDir  = "socket"
	socketName = "editor.sock"
	passwdFile = "passwd"
	groupFile  = "group"
	hostsFile  = "hosts"
)

// prepare makes the driver's own folders. Others may pass through users/ and
// the run folder, because a uid without bubblewrap must reach its own folders.
func (l layout) prepare() error {
	for _, dir := range []struct {
		path string
		mode fs.FileMode
	}{{l.data, 0o711}, {l.notes(), 0o700}, {l.records(), 0o700}, {l.logs(), 0o700}, {l.users(), 0o711}, {l.run, 0o711}} {
		if err := os.MkdirAll(dir.path, dir.mode); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
	}
	return ownedByUs(l.run)
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

// ensureUser makes a user's folders, all 0700 and the user's own, and opens
// the topmost. Whatever the user made of them is not followed out of it.
func (l layout) ensureUser(owner driver.Owner, uid int) (*os.Root, error) {
	if err := l.prepare(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(l.user(owner), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the user's folder: %w", err)
	}
	root, err := os.OpenRoot(l.user(owner))
	if err != nil {
		return nil, fmt.Errorf("the user's folder: %w", err)
	}
	for _, dir := range []string{".", workspacesDir, settingsDir, extensionsDir, metadataDir, homeDir} {
		if err := ownDir(root, dir, uid); err != nil {
			root.Close()
			return nil, err
		}
	}
	return root, nil
}

// ownDir makes one folder the user's own; a link in its place is refused.
func ownDir(root *os.Root, name string, uid int) error {
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
