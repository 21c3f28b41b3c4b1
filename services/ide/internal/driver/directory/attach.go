package directory

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// late is a folder that is to appear in a sandbox that runs already.
type late struct {
	tree   int // descriptor of a mount that is nowhere yet
	target string
}

func closeAll(trees []late) {
	for _, t := range trees {
		_ = unix.Close(t.tree)
	}
}

// detach makes mounts of the user's folders that show what belongs to one uid as
// another's. It fails where the file system can't.
func detach(root *os.Root, workspace uuid.UUID, from, to int, p vscode.Places) (trees []late, err error) {
	space, err := idMap(from, to)
	if err != nil {
		return nil, err
	}
	defer space.Close()
	defer func() {
		if err != nil {
			closeAll(trees)
		}
	}()
	for name, target := range shown(workspace, p) {
		t, err := detachOne(root, name, int(space.Fd()))
		if err != nil {
			return trees, fmt.Errorf("folder %s: %w", name, err)
		}
		t.target = target
		trees = append(trees, t)
	}
	return trees, nil
}

// shown gives, by their names below the user's, where folders are in a sandbox.
func shown(workspace uuid.UUID, p vscode.Places) map[string]string {
	return map[string]string{
		userdata.Project(workspace): p.Project, userdata.Home: p.Home, userdata.State(workspace): p.State,
		userdata.Settings: p.Settings, userdata.Extensions: p.Extensions,
	}
}

// identities gives "device:inode" of each, by where it is in the sandbox.
func identities(root *os.Root, workspace uuid.UUID, p vscode.Places) (map[string]string, error) {
	found := map[string]string{}
	for name, target := range shown(workspace, p) {
		info, err := root.Lstat(name)
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", name, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil, fmt.Errorf("folder %s has no identity", name)
		}
		found[target] = identity(stat)
	}
	return found, nil
}

// identity is the same wherever a folder is mounted.
func identity(stat *syscall.Stat_t) string { return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino) }

func detachOne(root *os.Root, name string, space int) (late, error) {
	folder, err := root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return late{}, err
	}
	defer folder.Close()
	tree, err := unix.OpenTree(int(folder.Fd()), "", unix.AT_EMPTY_PATH|unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return late{}, fmt.Errorf("open_tree: %w", err)
	}
	err = unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &unix.MountAttr{
		Attr_set: unix.MOUNT_ATTR_IDMAP | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV, Userns_fd: uint64(space),
	})
	if err != nil {
		_ = unix.Close(tree)
		return late{}, fmt.Errorf("mount_setattr: %w", err)
	}
	return late{tree: tree}, nil
}

// idMap makes a user namespace whose one id stands for another. It lives as long
// as its file is open.
func idMap(from, to int) (*os.File, error) {
	ids := []syscall.SysProcIDMap{{ContainerID: from, HostID: to, Size: 1}}
	holder := exec.Command("cat")
	holder.Env = []string{}
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids}
	wait, err := holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := holder.Start(); err != nil {
		return nil, fmt.Errorf("user namespace: %w", err)
	}
	space, err := os.Open(filepath.Join("/proc", strconv.Itoa(holder.Process.Pid), "ns/user"))
	_ = wait.Close()
	_ = holder.Wait() // it was there to be asked for its namespace
	return space, err
}

// inject puts folders into the sandbox whose processes have the given one among
// them, and gives it its host name. Nothing but our own programs has run in there.
func inject(pid int, hostname string, trees []late) error {
	var spaces []*os.File
	for _, kind := range []string{"mnt", "uts"} {
		space, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), "ns", kind))
		if err != nil {
			return fmt.Errorf("the sandbox's namespaces: %w", err)
		}
		defer space.Close()
		spaces = append(spaces, space)
	}
	done := make(chan error, 1)
	spare(func() { done <- enter(spaces[0], spaces[1], hostname, trees) })
	return <-done
}

// spare runs do on a thread that ends with it, and its namespaces with that. It is
// never the first one, which can't end, and whose namespaces /proc/self tells.
func spare(do func()) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() != unix.Getpid() {
			do()
			return
		}
		ended := make(chan struct{})
		spare(func() { defer close(ended); do() }) // on another one, for this is kept
		<-ended
		runtime.UnlockOSThread()
	}()
}

func enter(mounts, names *os.File, hostname string, trees []late) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := unix.Setns(int(names.Fd()), unix.CLONE_NEWUTS); err != nil {
		return fmt.Errorf("setns: %w", err)
	}
	if err := unix.Sethostname([]byte(hostname)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := unix.Setns(int(mounts.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("setns: %w", err)
	}
	for _, t := range trees {
		if err := unix.Mkdir(t.target, 0o755); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("make %s: %w", t.target, err)
		}
		if err := unix.MoveMount(t.tree, "", unix.AT_FDCWD, t.target, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return fmt.Errorf("mount %s: %w", t.target, err)
		}
	}
	return nil
}

// inside is a process of the sandbox that is in all of its namespaces. The first
// one is outside: it waits for the others.
func (r record) inside() (int, error) {
	all, err := table()
	if err != nil {
		return 0, err
	}
	ours, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return 0, err
	}
	for _, pid := range tree(all, r.Process.PID) {
		if theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid)); err == nil && theirs != ours {
			return pid, nil
		}
	}
	return 0, errors.New("no process of the sandbox is in a mount namespace of its own")
}
