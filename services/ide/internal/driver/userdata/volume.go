package userdata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/volume"
)

// Ensure makes the project's folder. It is filled under another name first, so
// that a cut Ensure never leaves half a project.
func (s *Store) Ensure(ctx context.Context, spec driver.VolumeSpec) (driver.Volume, error) {
	v := driver.Volume{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner}
	if err := s.Make(); err != nil {
		return v, err
	}
	uid, err := s.accounts.uid(spec.Owner)
	if err != nil {
		return v, err
	}
	want := volume.Want{Limit: spec.Limit, UID: uid, Idle: spec.Idle}
	if spec.Limit <= 0 {
		want.Limit = -1
	}
	if err := s.volumes.Ensure(ctx, spec.Owner, want); err != nil {
		return v, err
	}
	root, err := s.EnsureUser(spec.Owner, uid)
	if err != nil {
		return v, err
	}
	defer root.Close()
	if info, err := root.Lstat(Project(spec.WorkspaceID)); err == nil && info.IsDir() {
		return v, nil
	}
	fresh := workspaces + "/.new-" + spec.WorkspaceID.String()
	if err := root.RemoveAll(fresh); err != nil {
		return v, fmt.Errorf("the workspace's folder: %w", err)
	}
	if err := OwnDir(root, fresh, uid); err != nil {
		return v, err
	}
	if spec.Seed != nil {
		if err := plant(root, fresh, spec.Seed, uid); err != nil {
			return v, fmt.Errorf("fill the workspace's folder: %w", err)
		}
	}
	if err := root.Rename(fresh, Project(spec.WorkspaceID)); err != nil {
		return v, fmt.Errorf("the workspace's folder: %w", err)
	}
	return v, nil
}

// plant copies the seed's folders and files into a folder of the user's.
func plant(root *os.Root, into string, seed fs.FS, uid int) error {
	return fs.WalkDir(seed, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		target := into + "/" + name
		if entry.IsDir() {
			return OwnDir(root, target, uid)
		}
		from, err := seed.Open(name)
		if err != nil {
			return err
		}
		defer from.Close()
		to, err := root.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		return errors.Join(err, to.Chown(uid, uid), to.Close())
	})
}

// Usage is what the project takes on the disk, in bytes.
func (s *Store) Usage(ctx context.Context, v driver.Volume) (int64, error) {
	_, done, err := s.useUser(ctx, v.Owner)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer done()
	return Measure(ctx, filepath.Join(s.User(v.Owner), Project(v.WorkspaceID)))
}

// Delete removes the project, and the editor's state and log of it.
func (s *Store) Delete(ctx context.Context, v driver.Volume) error {
	if err := os.Remove(s.Log(v.WorkspaceID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete the workspace's log: %w", err)
	}
	root, done, err := s.useUser(ctx, v.Owner)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer done()
	for _, name := range []string{Project(v.WorkspaceID), State(v.WorkspaceID)} {
		if err := root.RemoveAll(name); err != nil {
			return fmt.Errorf("delete the workspace's files: %w", err)
		}
	}
	return nil
}

// DeleteUser removes the user's folder, then the user from the list of
// accounts: in this order a cut deletion can be repeated. The uid stays taken.
func (s *Store) DeleteUser(ctx context.Context, owner driver.Owner) error {
	if owner == uuid.Nil {
		return errors.New("no user named")
	}
	if err := s.volumes.Delete(ctx, owner); err != nil {
		return fmt.Errorf("delete the user's files: %w", err)
	}
	if _, err := os.Stat(s.Notes()); errors.Is(err, fs.ErrNotExist) {
		return nil // nobody ever had files here
	}
	return s.accounts.forget(owner)
}
