package directory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
)

const (
	// pollEvery is how often an ending sandbox is looked at.
	pollEvery = 20 * time.Millisecond
	// forceWithin bounds how long a killed sandbox may take to disappear.
	forceWithin = 10 * time.Second
)

// Stop asks every process of the sandbox to end, and ends those that don't.
func (d *Driver) Stop(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		signal unix.Signal
		within time.Duration
	}{{unix.SIGTERM, d.grace}, {unix.SIGKILL, forceWithin}} {
		gone, err := signalUntilGone(ctx, r, step.signal, step.within)
		if err != nil || gone {
			return err
		}
	}
	return fmt.Errorf("processes of workspace %s don't end", r.WorkspaceID)
}

// signalUntilGone sends the signal and waits; processes that appear meanwhile
// get it too when it is SIGKILL.
func signalUntilGone(ctx context.Context, r record, signal unix.Signal, within time.Duration) (bool, error) {
	deadline := time.Now().Add(within)
	for first := true; ; first = false {
		pids, err := members(r)
		if err != nil {
			return false, err
		}
		if len(pids) == 0 && !r.Process.alive() {
			return true, nil
		}
		if first || signal == unix.SIGKILL {
			for _, pid := range pids {
				_ = unix.Kill(pid, signal) // it may have ended by itself
			}
		}
		if time.Now().After(deadline) {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// members gives the sandbox's processes. bubblewrap's own are left out as long
// as there are others: they end with the last, and while they live nothing can
// leave their tree.
func members(r record) ([]int, error) {
	all, err := table()
	if err != nil {
		return nil, err
	}
	found := map[int]bool{}
	if r.Process.alive() {
		for _, pid := range tree(all, r.Process.PID) {
			found[pid] = true
		}
	}
	if r.Cgroup {
		if g, err := cgroup.Find(r.place()); err == nil {
			pids, err := g.Members()
			if err != nil {
				return nil, fmt.Errorf("control group: %w", err)
			}
			for _, pid := range pids {
				found[pid] = true
			}
		}
	} else { // what has lost its parents is still known by its environment
		for pid := range all {
			if inEnvironment(pid, r.WorkspaceID) {
				found[pid] = true
			}
		}
	}
	var pids, keepers []int
	for pid := range found {
		switch stat, ok := all[pid]; {
		case !ok || stat.state == 'Z':
		case r.Contained && stat.name == "bwrap":
			keepers = append(keepers, pid)
		default:
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		pids = keepers
	}
	slices.Sort(pids)
	return pids, nil
}

// Destroy removes what the sandbox left behind: its control group, socket and
// record, in this order, so that a cut Destroy can be repeated.
func (d *Driver) Destroy(ctx context.Context, h driver.Handle) error {
	r, err := decode(h.State)
	if err != nil {
		return err
	}
	if r.Process.alive() {
		return errors.New("the sandbox still runs")
	}
	if r.Cgroup {
		if g, err := cgroup.Find(r.place()); err == nil {
			if err := g.Remove(); err != nil {
				return fmt.Errorf("control group: %w", err)
			}
		}
	}
	if err := os.RemoveAll(d.Sandbox(r.place())); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	if r.Slot != uuid.Nil {
		if err := d.Forget(r.Slot); err != nil {
			return err
		}
	}
	if r.Warm {
		return d.forgetSlot(r)
	}
	if err := os.Remove(d.record(r.WorkspaceID)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("sandbox record: %w", err)
	}
	return nil
}

// List gives every recorded sandbox.
func (d *Driver) List(context.Context) ([]driver.Handle, error) {
	records, err := d.allSaved()
	if err != nil {
		return nil, err
	}
	handles := make([]driver.Handle, 0, len(records))
	for _, r := range records {
		h, err := r.handle()
		if err != nil {
			return nil, err
		}
		handles = append(handles, h)
	}
	return handles, nil
}
