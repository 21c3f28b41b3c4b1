package userdata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"atrium.internal/services/ide/internal/driver"
)

const (
	// deepest is how many folders may lie within each other: each takes two
	// open files of ours.
	deepest = 200
	// atOnce is how many names of a folder are read at once.
	atOnce = 256
)

// Export walks the project's folder. Every step goes through an open folder
// and follows no link, so that nothing the user swaps meanwhile leads out.
func (s *Store) Export(ctx context.Context, v driver.Volume, visit driver.Visitor) error {
	user, done, err := s.useUser(ctx, v.Owner)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer done()
	uid, err := s.accounts.uid(v.Owner)
	if err != nil {
		return err
	}
	return Walk(ctx, user, Project(v.WorkspaceID), uid, visit)
}

// Walk shows the folder that its parent has under a name, and of which a uid has
// the files, to a visitor. One that is not there is empty.
func Walk(ctx context.Context, parent *os.Root, name string, uid int, visit driver.Visitor) error {
	info, err := parent.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("the workspace's folder: %w", err)
	}
	return exporting{uid: uid, visit: visit}.enter(ctx, parent, name, "", info, 0)
}

// exporting is one walk over the files of a uid.
type exporting struct {
	uid   int
	visit driver.Visitor
}

// enter walks the folder that its parent has under a name.
func (e exporting) enter(ctx context.Context, parent *os.Root, name, shown string, info fs.FileInfo, depth int) error {
	if depth > deepest {
		return e.visit.Skipped(shown, "folders are nested too deep")
	}
	if !info.IsDir() {
		return e.visit.Skipped(shown, "something else than the workspace's folder lies in its place")
	}
	folder, err := parent.OpenRoot(name)
	if err != nil {
		return e.unreadable(shown, err)
	}
	defer folder.Close()
	list, err := folder.Open(".")
	if err != nil {
		return e.unreadable(shown, err)
	}
	defer list.Close()
	if opened, err := list.Stat(); err != nil || !os.SameFile(info, opened) {
		return e.visit.Skipped(shown, "it changed while it was read")
	}
	for {
		entries, err := list.ReadDir(atOnce)
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := e.entry(ctx, folder, entry.Name(), path.Join(shown, entry.Name()), depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return e.unreadable(shown, err)
		}
	}
}

func (e exporting) entry(ctx context.Context, folder *os.Root, name, shown string, depth int) error {
	info, err := folder.Lstat(name)
	if err != nil {
		return e.unreadable(shown, err)
	}
	switch {
	case info.IsDir():
		return e.enter(ctx, folder, name, shown, info, depth+1)
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := folder.Readlink(name)
		if err != nil {
			return e.unreadable(shown, err)
		}
		return e.visit.Link(shown, target)
	case info.Mode().IsRegular():
		return e.file(folder, name, shown, info)
	}
	return e.visit.Skipped(shown, "it is no file but a socket, a pipe or a device")
}

// file shows a regular file, unless it has become something else by the time
// that it is open: a pipe would make us wait, and a link lead elsewhere.
func (e exporting) file(folder *os.Root, name, shown string, info fs.FileInfo) error {
	f, err := folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return e.unreadable(shown, err)
	}
	defer f.Close()
	opened, err := f.Stat()
	if err != nil {
		return e.unreadable(shown, err)
	}
	if !os.SameFile(info, opened) || !opened.Mode().IsRegular() {
		return e.visit.Skipped(shown, "it changed while it was read")
	}
	// We may read what the user may not: another's file with a second name here.
	if stat, ok := opened.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != e.uid {
		return e.visit.Skipped(shown, "it belongs to another account of the machine")
	}
	return e.visit.File(shown, opened.Size(), io.LimitReader(f, opened.Size()))
}

// unreadable names what can't be read; what is gone by now is nothing to name.
func (e exporting) unreadable(shown string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if shown == "" {
		return fmt.Errorf("read the workspace's folder: %w", err)
	}
	var reason *fs.PathError
	if errors.As(err, &reason) {
		err = reason.Err // the path would tell where the files lie on the machine
	}
	return e.visit.Skipped(shown, err.Error())
}
