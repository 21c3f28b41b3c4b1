package daemon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// inherited is where a server finds its folder when it runs as another user:
// an open descriptor, so that the folders above need not be open to that user.
const inherited = "/proc/self/fd/3"

// Inside gives the name by which the server itself reaches a file of the
// folder; the program uses Path.
func (h *Home) Inside(elem ...string) string {
	base := h.Path
	if h.Account.dropped() {
		base = inherited
	}
	return filepath.Join(append([]string{base}, elem...)...)
}

// Command prepares a program that runs as the server's account, in a session
// of its own and with an environment that holds nothing of ours.
func (h *Home) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + filepath.Dir(program) + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.ExtraFiles = []*os.File{h.folder}
	// No Pdeathsig: the server is meant to outlive us, and the signal would
	// follow the thread that started it, not the process.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if h.Account.dropped() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: h.Account.UID, Gid: h.Account.GID}
	}
	return cmd
}

// Process is a server started by this program.
type Process struct {
	PID  int
	done chan struct{}
	err  error // set before done is closed
}

// Spawn starts cmd with its output in the folder's server.log and reaps it
// when it ends.
func (h *Home) Spawn(cmd *exec.Cmd) (*Process, error) {
	log, err := h.openLog()
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{PID: cmd.Process.Pid, done: make(chan struct{})}
	go p.reap(cmd)
	return p, nil
}

// Exited reports whether the process has ended.
func (p *Process) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Wait gives how the process ended, or kills it with its children when ctx
// ends first.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		_ = syscall.Kill(-p.PID, syscall.SIGKILL) // its session is its own
		<-p.done
		return context.Cause(ctx)
	}
}

// reap lives as long as the server, which may be longer than any caller.
func (p *Process) reap(cmd *exec.Cmd) {
	p.err = cmd.Wait()
	close(p.done)
}

// Running lists the processes whose working folder is sub of the home: a
// server's main process and its children. It is how a server is found again,
// and, unlike a pid file, cannot name a stranger that got the same pid.
func (h *Home) Running(sub string) ([]int, error) {
	want := filepath.Join(h.Path, sub)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// Other users' processes and those that just ended are unreadable.
		if cwd, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd")); err == nil && cwd == want {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// AwaitNone waits until no process has its working folder at sub.
func (h *Home) AwaitNone(ctx context.Context, sub string) error {
	for {
		pids, err := h.Running(sub)
		if err != nil || len(pids) == 0 {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("processes %v still use %s: %w", pids, filepath.Join(h.Path, sub), err)
		}
	}
}

// Poll calls try every few milliseconds until it reports done or an error.
func Poll(ctx context.Context, try func() (done bool, err error)) error {
	for {
		done, err := try()
		if done || err != nil {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}
