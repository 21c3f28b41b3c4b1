package latemount

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Trees are mounts that are nowhere yet. They must be closed.
type Trees []tree

// tree is a folder that is to appear in a sandbox.
type tree struct {
	mount  int // its descriptor
	target string
}

// Close lets go of them; what was attached stays.
func (t Trees) Close() {
	for _, one := range t {
		_ = unix.Close(one.mount)
	}
}

// Detach makes mounts of the user's folders that show what belongs to one uid as
// another's. It fails where the file system can't. root is the user's folder.
func (s *Spaces) Detach(root *os.Root, workspace uuid.UUID, from, to int, p vscode.Places) (trees Trees, err error) {
	space, err := s.take(from, to)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	defer func() {
		if err != nil {
			trees.Close()
		}
	}()
	for name, target := range shown(workspace, p) {
		mount, err := detach(root, name, int(space.Fd()))
		if err != nil {
			return trees, fmt.Errorf("folder %s: %w", name, err)
		}
		trees = append(trees, tree{mount, target})
	}
	return trees, nil
}

// Attach mounts them where a sandbox has them, below base, in this thread's
// namespace.
func (t Trees) Attach(base string) error {
	for _, one := range t {
		place := filepath.Join(base, one.target)
		if err := unix.Mkdir(place, 0o755); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("make %s: %w", one.target, err)
		}
		if err := unix.MoveMount(one.mount, "", unix.AT_FDCWD, place, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("mount %s: %w", one.target, err)
		}
	}
	return nil
}

// shown gives, by their names below the user's, where folders are in a sandbox.
func shown(workspace uuid.UUID, p vscode.Places) map[string]string {
	return map[string]string{
		userdata.Project(workspace): p.Project, userdata.Home: p.Home, userdata.State(workspace): p.State,
		userdata.Settings: p.Settings, userdata.Extensions: p.Extensions,
	}
}

func detach(root *os.Root, name string, space int) (int, error) {
	folder, err := root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return 0, err
	}
	defer folder.Close()
	mount, err := unix.OpenTree(int(folder.Fd()), "", unix.AT_EMPTY_PATH|unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return 0, fmt.Errorf("open_tree: %w", err)
	}
	err = unix.MountSetattr(mount, "", unix.AT_EMPTY_PATH, &unix.MountAttr{
		Attr_set: unix.MOUNT_ATTR_IDMAP | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV, Userns_fd: uint64(space),
	})
	if err != nil {
		_ = unix.Close(mount)
		return 0, fmt.Errorf("mount_setattr: %w", err)
	}
	return mount, nil
}
