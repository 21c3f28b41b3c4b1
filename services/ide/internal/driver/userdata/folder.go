package userdata

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
)

// Folder opens the project's folder. With root's rights a link between files
// or a folder that is swapped meanwhile could be turned against others, so the
// work is done with the user's.
func (s *Store) Folder(ctx context.Context, v driver.Volume, do func(root *os.Root) error) error {
	user, done, err := s.useUser(ctx, v.Owner)
	if err != nil {
		return err
	}
	defer done()
	folder, err := Enter(user, Project(v.WorkspaceID))
	if err != nil {
		return err
	}
	defer folder.Close()
	if !s.accounts.root {
		return do(folder)
	}
	uid, err := s.accounts.uid(v.Owner)
	if err != nil {
		return err
	}
	return as(uid, func() error { return do(folder) })
}

// Enter opens a project's folder below another. Anything else in its place is
// fs.ErrNotExist.
func Enter(parent *os.Root, name string) (*os.Root, error) {
	info, err := parent.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("the workspace's folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("the workspace's folder: something else lies in its place: %w", fs.ErrNotExist)
	}
	folder, err := parent.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("the workspace's folder: %w", err)
	}
	return folder, nil
}

// as runs do on a thread whose file system rights are the user's. The thread
// ends with it: its rights can't be given back, and nobody else must get it.
func as(uid int, do func() error) (err error) {
	done := make(chan struct{})
	var panicked any
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		runtime.LockOSThread()
		if err = become(uid); err == nil {
			err = do()
		}
	}()
	<-done
	if panicked != nil {
		panic(panicked)
	}
	return err
}

// become changes this thread alone, which the wrappers of package syscall
// would not. Without fsuid 0 the kernel takes the rights over others' files.
func become(uid int) error {
	if _, _, failed := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); failed != 0 {
		return fmt.Errorf("leave root's groups: %w", failed)
	}
	for _, step := range []struct {
		name string
		call uintptr
	}{{"group", unix.SYS_SETFSGID}, {"user", unix.SYS_SETFSUID}} {
		_, _, _ = unix.RawSyscall(step.call, uintptr(uid), 0, 0) // it answers what was before
		if now, _, _ := unix.RawSyscall(step.call, ^uintptr(0), 0, 0); int(now) != uid {
			return fmt.Errorf("take the rights of %s %d: refused", step.name, uid)
		}
	}
	return nil
}
