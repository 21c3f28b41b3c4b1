package pod

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// The folders of a user's volume, laid out as package userdata does.
const (
	workspaces = "workspaces"
	metadata   = ".metadata"
)

// Prepare lays a user's volume out for a workspace, as its user. A project that
// is not there yet is filled from the seed, under another name first, so that a
// cut Prepare never leaves half a project.
func Prepare(volume, seed string, c Config) error {
	root, err := os.OpenRoot(volume)
	if err != nil {
		return fmt.Errorf("the user's volume: %w", err)
	}
	defer root.Close()
	for _, dir := range []string{workspaces, userdata.Settings, userdata.Extensions, metadata, userdata.Home, userdata.State(c.WorkspaceID)} {
		if err := userdata.OwnDir(root, dir, c.UID); err != nil {
			return err
		}
	}
	if err := vscode.Prepare(root, c.WorkspaceID, c.UID, vscode.Inside(c.Folder)); err != nil {
		return err
	}
	file, err := os.Open(seed)
	if errors.Is(err, fs.ErrNotExist) {
		return plantNew(root, c.WorkspaceID, c.UID, nil)
	}
	if err != nil {
		return fmt.Errorf("what the workspace is filled with: %w", err)
	}
	defer file.Close()
	return plantNew(root, c.WorkspaceID, c.UID, file)
}

// Plant lays out the project of a workspace that is not there yet, in a user's
// volume, and fills it from an archive, which may be nil.
func Plant(volume *os.Root, workspace uuid.UUID, uid int, seed io.Reader) error {
	if err := userdata.OwnDir(volume, workspaces, uid); err != nil {
		return err
	}
	return plantNew(volume, workspace, uid, seed)
}

func plantNew(root *os.Root, workspace uuid.UUID, uid int, seed io.Reader) error {
	project := userdata.Project(workspace)
	fresh := workspaces + "/.new-" + workspace.String()
	if info, err := root.Lstat(project); err == nil && info.IsDir() {
		return nil
	}
	if err := root.RemoveAll(fresh); err != nil {
		return fmt.Errorf("the workspace's folder: %w", err)
	}
	if err := userdata.OwnDir(root, fresh, uid); err != nil {
		return err
	}
	if err := unpack(root, fresh, seed); err != nil {
		return fmt.Errorf("fill the workspace's folder: %w", err)
	}
	if err := root.Rename(fresh, project); err != nil {
		return fmt.Errorf("the workspace's folder: %w", err)
	}
	return nil
}

// unpack copies the folders and files of an archive that the driver made.
func unpack(root *os.Root, into string, seed io.Reader) error {
	if seed == nil {
		return nil
	}
	archive := tar.NewReader(seed)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		target := into + "/" + filepath.Clean(head.Name)
		if head.Typeflag == tar.TypeDir {
			if err := root.MkdirAll(target, 0o700); err != nil {
				return err
			}
			continue
		}
		if err := root.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := copyIn(root, target, archive); err != nil {
			return err
		}
	}
}

func copyIn(root *os.Root, target string, content io.Reader) error {
	file, err := root.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// Erase removes a workspace's files from a user's volume.
func Erase(volume *os.Root, workspace uuid.UUID) error {
	for _, name := range []string{userdata.Project(workspace), userdata.State(workspace)} {
		if err := volume.RemoveAll(name); err != nil {
			return fmt.Errorf("delete the workspace's files: %w", err)
		}
	}
	return nil
}

// Disk is what files take, in bytes.
type Disk struct {
	// Project is what the project's folder takes, a file with several names once.
	Project int64 `json:"project"`
	// Used and Size are the whole volume's.
	Used int64 `json:"used"`
	Size int64 `json:"size"`
}

// Measure looks at a workspace's files from inside.
func Measure(ctx context.Context, project string) (Disk, error) {
	d, err := Whole(project)
	if err != nil {
		return d, err
	}
	d.Project, err = userdata.Measure(ctx, project)
	return d, err
}

// Whole looks at the volume in which a folder lies.
func Whole(folder string) (d Disk, err error) {
	var volume syscall.Statfs_t
	if err := syscall.Statfs(folder, &volume); err != nil {
		return d, fmt.Errorf("measure the volume: %w", err)
	}
	d.Size = int64(volume.Blocks) * volume.Bsize
	d.Used = int64(volume.Blocks-volume.Bfree) * volume.Bsize
	return d, nil
}
