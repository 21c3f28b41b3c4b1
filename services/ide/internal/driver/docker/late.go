package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/moby/moby/api/types/mount"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/vscode"
)

// A container can't be given mounts once it runs, and a kernel of its own would
// not notice any. So a slot sees from its start folders of a small file system,
// below which the user's are mounted later: those appear inside, as mounts of a
// shared tree do in its slaves.

// lateSize bounds what an editor may write before it has its user's folders.
const lateSize = "64m"

// lateShared are the folders of that file system that the slot sees, named as
// there.
var lateShared = []string{vscode.InsideProjects, filepath.Dir(vscode.InsideHome), filepath.Dir(vscode.InsideState)}

func (d *Driver) late(slot uuid.UUID) string { return filepath.Join(d.Sandbox(slot), "late") }

// makeLate mounts it, with folders where the user's are going to be.
func (d *Driver) makeLate(slot uuid.UUID, uid int) error {
	dir := d.late(slot)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if err := unix.Mount("late", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755,size="+lateSize); err != nil {
		return fmt.Errorf("slot: mount: %w", err)
	}
	if err := unix.Mount("", dir, "", unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("slot: share the mount: %w", err)
	}
	for _, shared := range lateShared {
		if err := os.Mkdir(filepath.Join(dir, shared), 0o755); err != nil {
			return fmt.Errorf("slot: %w", err)
		}
	}
	for _, place := range []string{vscode.InsideHome, vscode.InsideState, vscode.InsideSettings, vscode.InsideExtensions} {
		path := filepath.Join(dir, place)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chown(path, uid, uid)); err != nil {
			return fmt.Errorf("slot: %w", err)
		}
	}
	return nil
}

// dropLate takes it away with all that is mounted below. As long as that fails its
// folder stays, and nothing that holds it can be removed: it may show users' files.
func (d *Driver) dropLate(slot uuid.UUID) error {
	dir := d.late(slot)
	if err := unix.Unmount(dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("slot: unmount: %w", err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("slot: %w", err)
	}
	return nil
}

// lateMounts are what a slot sees of it.
func (d *Driver) lateMounts(slot uuid.UUID) []mount.Mount {
	var mounts []mount.Mount
	for _, shared := range lateShared {
		mounts = append(mounts, mount.Mount{
			Type: mount.TypeBind, Source: filepath.Join(d.late(slot), shared), Target: shared,
			BindOptions: &mount.BindOptions{Propagation: mount.PropagationRSlave},
		})
	}
	return mounts
}
