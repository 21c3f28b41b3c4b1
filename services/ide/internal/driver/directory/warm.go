package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/latemount"
	"atrium.internal/services/ide/internal/driver/vscode"
)

var _ driver.Warmer = (*Driver)(nil)

func (d *Driver) slots() string { return filepath.Join(d.Notes(), "slots") }

func (d *Driver) slot(id uuid.UUID) string { return filepath.Join(d.slots(), id.String()+".json") }

// taken is what a slot's record is called from when somebody is about to get it.
func (d *Driver) taken(id uuid.UUID) string { return filepath.Join(d.slots(), id.String()+".taken") }

func (d *Driver) forgetSlot(r record) error {
	for _, name := range []string{d.slot(r.Slot), d.taken(r.Slot), d.Log(r.Slot)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sandbox record: %w", err)
		}
	}
	return nil
}

// vacancies are places where a user's folders will be.
func (d *Driver) vacancies() []string {
	var args []string
	for _, place := range []string{vscode.InsideHome, vscode.InsideState, vscode.InsideSettings, vscode.InsideExtensions} {
		args = append(args, "--perms", "0777", "--dir", place)
	}
	return args
}

// Warm starts an editor in a sandbox with a uid of its own, which nobody ever had
// and nobody gets after it.
func (d *Driver) Warm(ctx context.Context, env []string) (driver.Handle, error) {
	m, err := d.warmMachine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	id := uuid.New()
	uid, err := d.UID(id)
	if err != nil {
		return driver.Handle{}, err
	}
	r := record{
		Version: recordVersion, WorkspaceID: id, Slot: id, Warm: true, UID: uid, Hostname: "workspace", Made: d.made(m, env),
		Limits: driver.Limits{CPUMillis: -1, MemoryBytes: -1, Processes: -1}, SocketDir: d.Sockets(id), Contained: true, Cgroup: true,
	}
	r, err = d.warmUp(m, r, env)
	if err != nil {
		h, failed := r.handle()
		if failed == nil {
			failed = errors.Join(d.Stop(ctx, h), d.Destroy(ctx, h))
		}
		return driver.Handle{}, errors.Join(err, failed)
	}
	_ = d.spaces.Add() // without it the claim makes its own
	return r.handle()
}

func (d *Driver) warmUp(m machine, r record, env []string) (record, error) {
	if err := os.MkdirAll(d.slots(), 0o700); err != nil {
		return r, fmt.Errorf("slots: %w", err)
	}
	if err := d.prepareRunDir(r); err != nil {
		return r, err
	}
	if _, err := cgroup.Make(r.Slot, r.Limits); err != nil {
		return r, err
	}
	if err := d.save(r); err != nil {
		return r, err
	}
	p := vscode.Inside("")
	command := append([]string{insideKeeper, "warm", p.Run}, vscode.WarmCommand(p)...)
	return d.launch(m, r, command, append(vscode.Environment(p, r.Slot), env...))
}

// warmMachine is machine, or driver.ErrNoWarmth.
func (d *Driver) warmMachine(ctx context.Context) (machine, error) {
	m, err := d.machine(ctx)
	if err != nil {
		return m, err
	}
	switch {
	case !m.root || m.bwrap == "" || !m.cgroups || m.keeper == "":
		return m, fmt.Errorf("%w: that needs root, bubblewrap, control groups and workspace-keeper", driver.ErrNoWarmth)
	case m.warm != nil:
		return m, fmt.Errorf("%w: %w", driver.ErrNoWarmth, m.warm)
	}
	return m, nil
}

// made tells of what a slot is made, so that one of another version is known.
func (d *Driver) made(m machine, env []string) string {
	var keeper string
	if info, err := os.Stat(m.keeper); err == nil {
		keeper = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
	}
	sum := sha256.New()
	for _, part := range [][]string{{m.vscode, m.keeper, keeper}, vscode.WarmCommand(vscode.Inside("")), env} {
		fmt.Fprintf(sum, "%q", part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Slots takes the lock that says whose the slots are.
func (d *Driver) Slots(ctx context.Context, env []string) ([]driver.Handle, func() error, error) {
	m, err := d.warmMachine(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(d.prepare(), os.MkdirAll(d.slots(), 0o700)); err != nil {
		return nil, nil, err
	}
	lock, err := os.OpenFile(filepath.Join(d.slots(), ".lock"), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("slots: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, nil, driver.ErrSlots
	}
	found, err := d.adopt(ctx, d.made(m, env))
	if err != nil {
		lock.Close()
		return nil, nil, err
	}
	return found, lock.Close, nil
}

// adopt gives the slots of an earlier process, and ends what is no slot (any
// more): one that died, is of another version, or was just about to be somebody's.
func (d *Driver) adopt(ctx context.Context, made string) ([]driver.Handle, error) {
	sandboxes, err := d.allSaved()
	if err != nil {
		return nil, err
	}
	given := map[uuid.UUID]bool{}
	for _, r := range sandboxes {
		given[r.Slot] = true
	}
	entries, err := os.ReadDir(d.slots())
	if err != nil {
		return nil, fmt.Errorf("slots: %w", err)
	}
	var slots []driver.Handle
	for _, entry := range entries {
		path := filepath.Join(d.slots(), entry.Name())
		if ext := filepath.Ext(path); strings.HasPrefix(entry.Name(), ".") || ext != ".json" && ext != ".taken" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("slots: %w", err)
		}
		r, err := decode(text)
		if err != nil {
			return nil, err
		}
		if given[r.Slot] { // the workspace's own record tells of it
			if err := os.Remove(path); err != nil {
				return nil, fmt.Errorf("slots: %w", err)
			}
			continue
		}
		h, err := r.handle()
		if err != nil {
			return nil, err
		}
		if h.Running && r.Made == made && filepath.Ext(path) == ".json" {
			slots = append(slots, h)
			_ = d.spaces.Add()
			continue
		}
		if err := errors.Join(d.Stop(ctx, h), d.Destroy(ctx, h)); err != nil {
			return nil, err
		}
	}
	return slots, nil
}

// Claim mounts the user's folders into a slot.
func (d *Driver) Claim(ctx context.Context, slot driver.Handle, spec driver.Spec) (driver.Handle, error) {
	r, err := decode(slot.State)
	if err != nil {
		return driver.Handle{}, err
	}
	if !r.Warm || !r.Process.alive() {
		return driver.Handle{}, driver.ErrNotRunning
	}
	m, err := d.machine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	if err := d.vacant(spec); err != nil {
		return driver.Handle{}, fmt.Errorf("%w: %w", driver.ErrNoWarmth, err)
	}
	r.WorkspaceID, r.Owner, r.Hostname, r.Name, r.Limits = spec.WorkspaceID, spec.Owner, spec.Hostname, spec.Folder, spec.Limits
	p := d.places(m, r)
	uid, err := d.UID(spec.Owner)
	if err != nil {
		return driver.Handle{}, err
	}
	root, err := d.furnish(spec.Owner, spec.WorkspaceID, uid, p)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("%w: %w", driver.ErrNoWarmth, err)
	}
	defer root.Close()
	trees, err := d.spaces.Detach(root, spec.WorkspaceID, uid, r.UID, p)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("%w: %w", driver.ErrNoWarmth, err)
	}
	defer trees.Close()

	// From here on it is somebody's: whatever cuts this short, it can only be ended.
	if err := os.Rename(d.slot(r.Slot), d.taken(r.Slot)); err != nil {
		return driver.Handle{}, fmt.Errorf("slots: %w", err)
	}
	group, err := cgroup.Find(r.Slot)
	if err != nil {
		return driver.Handle{}, err
	}
	inside, err := r.inside(group)
	if err != nil {
		return driver.Handle{}, err
	}
	if err := inject(inside, r.Hostname, trees); err != nil {
		return driver.Handle{}, err
	}
	if err := group.Limit(r.Limits); err != nil {
		return driver.Handle{}, err
	}
	if err := os.Rename(d.Log(r.Slot), d.Log(r.WorkspaceID)); err != nil {
		return driver.Handle{}, fmt.Errorf("the editor's log: %w", err)
	}
	r.Warm, r.Folder = false, p.Project
	if err := d.save(r); err != nil {
		return driver.Handle{}, err
	}
	if err := os.Remove(d.taken(r.Slot)); err != nil {
		return driver.Handle{}, fmt.Errorf("slots: %w", err)
	}
	return r.handle()
}

// tell gives a claimed editor its environment, and makes sure that it sees the
// user's folders and nothing else in their places.
func (d *Driver) tell(ctx context.Context, r record, p vscode.Places, env []string) error {
	uid, err := d.UID(r.Owner)
	if err != nil {
		return err
	}
	root, err := d.EnsureUser(r.Owner, uid)
	if err != nil {
		return err
	}
	defer root.Close()
	want, err := latemount.Folders(root, r.WorkspaceID, p)
	if err != nil {
		return err
	}
	seen, err := r.keeper().Claim(ctx, keeper.ClaimOf(env, p.Project, want))
	if err != nil {
		return err
	}
	return latemount.Compare(want, seen, func(place string, seen keeper.Folder) bool { return seen.Node == want[place].Node })
}
