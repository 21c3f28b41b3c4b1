package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// workspacesOpen is how many run when they are looked at.
	workspacesOpen = 4
	// atRest is how long a workspace that has started may take to come to rest,
	// and workspaceLook for how long it is looked at then.
	atRest, workspaceLook = 20 * time.Second, 30 * time.Second
)

// costOfWorkspaces is that of workspaces of the class directory in which nobody
// has opened anything yet: VS Code's server and what holds it.
func (r *rig) costOfWorkspaces(ctx context.Context) error {
	before, err := r.used(ctx)
	if err != nil {
		return err
	}
	for i := range workspacesOpen {
		cookie, err := r.platform.register(ctx, "builder"+strconv.Itoa(i))
		if err != nil {
			return err
		}
		if _, err := r.platform.startWorkspace(ctx, cookie); err != nil {
			return err
		}
	}
	time.Sleep(atRest)
	started, began := r.sandboxed(), time.Now()
	after, err := r.used(ctx)
	if err != nil {
		return err
	}
	time.Sleep(workspaceLook)
	idle := r.sandboxed()
	fmt.Fprintln(r.out, "| a workspace at rest, of the class directory | |\n|---|---|")
	fmt.Fprintf(r.out, "| memory of its %d processes | %s |\n", idle.processes/workspacesOpen, size(idle.memory, workspacesOpen))
	fmt.Fprintf(r.out, "| more of the platform's | %s |\n", size(after.memory-before.memory, workspacesOpen))
	fmt.Fprintf(r.out, "| processor time of its start: its own; the platform's | %s; %s |\n", each(started.cpu, workspacesOpen), each(after.platform-before.platform, workspacesOpen))
	fmt.Fprintf(r.out, "| of an hour at rest | %s |\n", each(time.Duration(float64(idle.cpu-started.cpu)*float64(time.Hour)/float64(time.Since(began))), workspacesOpen))
	disk, err := diskBelow(filepath.Join(r.dir, "data"))
	fmt.Fprintf(r.out, "| disk of its user | %s |\n", size(disk, workspacesOpen))
	return err
}

// sandbox is what processes in workspaces have taken.
type sandbox struct {
	processes int
	memory    int64
	cpu       time.Duration
}

// sandboxed sums up the processes that have a file system of their own in which
// a folder of the rig's stands somewhere else.
func (r *rig) sandboxed() (all sandbox) {
	own, _ := os.Readlink("/proc/self/ns/mnt") // without it nothing is left out but the rig's own
	tables, _ := filepath.Glob("/proc/[0-9]*/mountinfo")
	for _, path := range tables {
		folder := filepath.Dir(path)
		text, err := os.ReadFile(path)
		namespace, _ := os.Readlink(filepath.Join(folder, "ns", "mnt"))
		pid, _ := strconv.Atoi(filepath.Base(folder)) // the pattern is a number's
		if err != nil || namespace == own || !r.moved(string(text)) {
			continue // or it has ended
		}
		all.processes++
		all.memory += memory(pid)
		all.cpu += processorTime(pid)
	}
	return all
}

// moved reports whether a table of mounts (proc(5), mountinfo) has one that
// begins inside the rig's folder; those that do not are the users' volumes, which
// are seen everywhere.
func (r *rig) moved(table string) bool {
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) > 3 && strings.Contains(fields[3], filepath.Base(r.dir)) {
			return true
		}
	}
	return false
}

// diskBelow is what files below a folder take of the disk, in bytes.
func diskBelow(folder string) (all int64, err error) {
	err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != folder && entry.IsDir() && entry.Name() == "users" { // mounted volumes, which are counted as their files
			return filepath.SkipDir
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			all += stat.Blocks * 512
		}
		return nil
	})
	return all, err
}
