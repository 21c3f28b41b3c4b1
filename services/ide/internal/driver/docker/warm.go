package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/latemount"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Warm starts an editor in a container with a uid of its own, which nobody ever
// had and nobody gets after it.
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
	r := record{Generation: generation, WorkspaceID: id, Slot: id, UID: uid}
	h, err := d.warmUp(ctx, m, &r, env)
	if err == nil {
		err = d.seesLate(ctx, r)
	}
	if err != nil {
		return driver.Handle{}, errors.Join(err, d.discard(context.WithoutCancel(ctx), r, r.Container != ""))
	}
	_ = d.spaces.Add() // without it the claim makes its own
	return h, nil
}

func (d *Driver) warmUp(ctx context.Context, m machine, r *record, env []string) (h driver.Handle, err error) {
	if err := errors.Join(d.Make(), d.prepareRun(*r)); err != nil {
		return h, err
	}
	if err := d.makeLate(r.Slot, r.UID); err != nil {
		return h, err
	}
	c := d.configuration(m, *r, "workspace")
	c.Labels[labelMade] = d.made(m, env)
	if r.Container, err = d.engine.create(ctx, d.containerName(m.deployment, r.Slot), c, d.confinement(m, *r, driver.Limits{})); err != nil {
		return h, err
	}
	p := vscode.Inside("")
	return d.launch(ctx, *r, keeper.Start{Command: vscode.WarmCommand(p), Env: append(environment(p, r.Slot), env...), Dir: "/", Warm: true})
}

// seesLate makes sure that what is mounted later is seen inside: an engine that
// has another view of this machine's mounts does not.
func (d *Driver) seesLate(ctx context.Context, r record) (err error) {
	const name = vscode.InsideProjects + "/.seen"
	place := filepath.Join(d.late(r.Slot), name)
	if err := os.Mkdir(place, 0o755); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if err := unix.Mount("seen", place, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755,size=4k"); err != nil {
		return fmt.Errorf("slot: mount: %w", err)
	}
	defer func() { err = errors.Join(err, unix.Unmount(place, unix.MNT_DETACH), os.Remove(place)) }()
	if err := os.Mkdir(filepath.Join(place, "it"), 0o755); err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	exit, err := d.keeper(r).Run(ctx, driver.Command{Args: []string{"/bin/sh", "-c", "test -d " + name + "/it"}}, func([]byte) {})
	if err != nil {
		return err
	}
	if exit != 0 {
		return fmt.Errorf("%w: docker does not see what this program mounts", driver.ErrNoWarmth)
	}
	return nil
}

// warmMachine is machine, or driver.ErrNoWarmth.
func (d *Driver) warmMachine(ctx context.Context) (machine, error) {
	if os.Geteuid() != 0 {
		return machine{}, fmt.Errorf("%w: that needs root", driver.ErrNoWarmth)
	}
	return d.machine(ctx)
}

// made tells of what a slot is made, so that one of another version is known.
func (d *Driver) made(m machine, env []string) string {
	var program string
	if info, err := os.Stat(d.options.Keeper); err == nil {
		program = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
	}
	sum := sha256.New()
	for _, part := range [][]string{{m.vscode, m.image, d.options.Runtime, program}, vscode.WarmCommand(vscode.Inside("")), env} {
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
	lock, err := os.OpenFile(filepath.Join(d.Notes(), "slots-"+d.Name()+".lock"), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("slots: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, nil, driver.ErrSlots
	}
	found, err := d.adopt(ctx, m, d.made(m, env))
	if err != nil {
		lock.Close()
		return nil, nil, err
	}
	return found, lock.Close, nil
}

// adopt gives the slots of an earlier process, and ends what is no slot (any
// more): one that died, is of another version, or was just about to be somebody's.
func (d *Driver) adopt(ctx context.Context, m machine, made string) ([]driver.Handle, error) {
	containers, err := d.engine.list(ctx, labelDeployment, m.deployment.String())
	if err != nil {
		return nil, err
	}
	var slots []driver.Handle
	for _, c := range containers {
		if c.Labels[labelClass] != d.Name() || c.Labels[labelSlot] == "" {
			continue
		}
		r, err := d.labelled(c.ID, c.Labels)
		if err != nil {
			return nil, err
		}
		pid, err := d.running(ctx, r)
		switch runs := err == nil; {
		case err != nil && !errors.Is(err, driver.ErrNotRunning):
			return nil, err
		case runs && !r.vacant():
			continue // List tells of it
		case runs && c.Labels[labelMade] == made:
			h, err := d.handle(r, pid, true)
			if err != nil {
				return nil, err
			}
			slots = append(slots, h)
			_ = d.spaces.Add()
		default:
			if err := d.discard(ctx, r, true); err != nil {
				return nil, err
			}
		}
	}
	return slots, nil
}

// claim is what a slot's run folder holds from when somebody is about to get it.
type claim struct {
	WorkspaceID uuid.UUID    `json:"workspaceId"`
	Owner       driver.Owner `json:"owner"`
	Name        string       `json:"name"`
}

func (d *Driver) claimFile(slot uuid.UUID) string {
	return filepath.Join(d.Sandbox(slot), "claim.json")
}

// claimed adds to a slot's record whose it is, if it is anybody's.
func (d *Driver) claimed(r record) (record, error) {
	var c claim
	text, err := os.ReadFile(d.claimFile(r.Slot))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return record{}, fmt.Errorf("the claim of slot %s: %w", r.Slot, err)
	}
	r.WorkspaceID, r.Owner, r.Name = c.WorkspaceID, c.Owner, c.Name
	return r, nil
}

// Claim mounts the user's folders into a slot.
func (d *Driver) Claim(ctx context.Context, slot driver.Handle, spec driver.Spec) (driver.Handle, error) {
	r, err := decode(slot.State)
	if err != nil {
		return driver.Handle{}, err
	}
	m, err := d.machine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	pid, err := d.running(ctx, r)
	if err != nil {
		return driver.Handle{}, err
	}
	name := d.containerName(m.deployment, spec.WorkspaceID)
	if err := errors.Join(spec.Sane(), d.clear(ctx, name, spec)); err != nil {
		return driver.Handle{}, fmt.Errorf("%w: %w", driver.ErrNoWarmth, err)
	}
	r.WorkspaceID, r.Owner, r.Name = spec.WorkspaceID, spec.Owner, spec.Folder
	trees, err := d.detach(r)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("%w: %w", driver.ErrNoWarmth, err)
	}
	defer trees.Close()

	// From here on it is somebody's: whatever cuts this short, it can only be ended.
	if err := errors.Join(os.Remove(d.mark(r.Slot)), userdata.WriteJSON(d.claimFile(r.Slot), claim{r.WorkspaceID, r.Owner, r.Name})); err != nil {
		return driver.Handle{}, fmt.Errorf("slot: %w", err)
	}
	if err := trees.Attach(d.late(r.Slot)); err != nil {
		return driver.Handle{}, err
	}
	if err := d.adjust(ctx, m, r, pid, spec); err != nil {
		return driver.Handle{}, err
	}
	if err := d.engine.rename(ctx, r.Container, name); err != nil {
		return driver.Handle{}, err
	}
	return d.handle(r, pid, true)
}

// detach readies the user's folders for an editor, and makes mounts of them.
func (d *Driver) detach(r record) (latemount.Trees, error) {
	uid, err := d.UID(r.Owner)
	if err != nil {
		return nil, err
	}
	root, err := d.openProject(r, uid)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	p := vscode.Inside(r.Name)
	if err := vscode.Prepare(root, r.WorkspaceID, uid, p); err != nil {
		return nil, err
	}
	return d.spaces.Detach(root, r.WorkspaceID, uid, r.UID, p)
}

// adjust gives the sandbox what else depends on its workspace: the plan's limits,
// its host name, and the size of /tmp. One with a kernel of its own can't be
// entered, nor its limits be changed by the engine: it keeps the last two.
func (d *Driver) adjust(ctx context.Context, m machine, r record, pid int, spec driver.Spec) error {
	if d.options.Runtime != "" {
		group, err := cgroup.Of(pid)
		if err != nil {
			return err
		}
		return group.Limit(spec.Limits)
	}
	if err := d.engine.limit(ctx, r.Container, m.resources(spec.Limits)); err != nil {
		return err
	}
	return latemount.Inside(pid, func() error {
		err := unix.Sethostname([]byte(spec.Hostname))
		for _, dir := range []string{"/tmp", "/var/tmp"} {
			err = errors.Join(err, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_NOSUID|unix.MS_NODEV, "size="+tmpSize(spec.Limits)))
		}
		if err != nil {
			return fmt.Errorf("adjust the sandbox: %w", err)
		}
		return nil
	})
}

// tell gives a claimed editor its environment and a way out, and makes sure that
// it sees the user's folders.
func (d *Driver) tell(ctx context.Context, r record, env []string) error {
	uid, err := d.UID(r.Owner)
	if err != nil {
		return err
	}
	root, err := d.openProject(r, uid)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := d.openDoor(r); err != nil {
		return err
	}
	p := vscode.Inside(r.Name)
	before, err := latemount.Folders(root, r.WorkspaceID, p)
	if err != nil {
		return err
	}
	seen, err := d.keeper(r).Claim(ctx, keeper.ClaimOf(append(environment(p, r.WorkspaceID), env...), p.Project, before))
	if err != nil {
		return err
	}
	after, err := latemount.Folders(root, r.WorkspaceID, p)
	if err != nil {
		return err
	}
	err = latemount.Compare(before, seen, func(place string, seen keeper.Folder) bool {
		if d.options.Runtime == "" {
			return seen.Node == before[place].Node
		}
		// A kernel of its own numbers files itself, and knows their times.
		return before[place].Changed <= seen.Changed && seen.Changed <= after[place].Changed
	})
	if err != nil {
		return err
	}
	return d.setMark(r)
}
