package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// egressDir holds the socket of the way out, in the sandbox's run folder.
const egressDir = "egress"

// Prepare makes the user's folders, the sandbox's run folder and its container,
// which does not run yet.
func (d *Driver) Prepare(ctx context.Context, spec driver.Spec) (driver.Handle, error) {
	m, err := d.machine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	if err := spec.Sane(); err != nil {
		return driver.Handle{}, err
	}
	name := d.containerName(m.deployment, spec.WorkspaceID)
	if err := d.clear(ctx, name, spec); err != nil {
		return driver.Handle{}, err
	}
	uid, err := d.UID(spec.Owner)
	if err != nil {
		return driver.Handle{}, err
	}
	r := record{Generation: generation, WorkspaceID: spec.WorkspaceID, Owner: spec.Owner, UID: uid, Name: spec.Folder}
	if r.Container, err = d.make(ctx, m, name, r, spec); err != nil {
		return driver.Handle{}, err
	}
	return d.handle(r, 0, false)
}

// clear removes what an earlier start left of the container.
func (d *Driver) clear(ctx context.Context, name string, spec driver.Spec) error {
	before, found, err := d.engine.inspect(ctx, name)
	if err != nil || !found {
		return err
	}
	r, err := d.labelled(before.ID, before.Config.Labels)
	if err != nil {
		return err
	}
	if before.State.Running {
		started, err := d.marked(r.place())
		if err != nil {
			return err
		}
		if started {
			return fmt.Errorf("the sandbox of workspace %s runs already", spec.WorkspaceID)
		}
	}
	return d.discard(ctx, r, true)
}

// make makes the folders that the container is to see, and the container.
func (d *Driver) make(ctx context.Context, m machine, name string, r record, spec driver.Spec) (string, error) {
	root, err := d.openProject(r, r.UID)
	if err != nil {
		return "", err
	}
	defer root.Close()
	if err := userdata.OwnDir(root, userdata.State(r.WorkspaceID), r.UID); err != nil {
		return "", err
	}
	if err := d.prepareRun(r); err != nil {
		return "", err
	}
	return d.engine.create(ctx, name, d.configuration(m, r, spec.Hostname), d.confinement(m, r, spec.Limits))
}

// openProject opens the user's folder, in which the workspace's must be.
func (d *Driver) openProject(r record, uid int) (*os.Root, error) {
	root, err := d.EnsureUser(r.Owner, uid)
	if err != nil {
		return nil, err
	}
	if info, err := root.Lstat(userdata.Project(r.WorkspaceID)); err != nil || !info.IsDir() {
		root.Close()
		return nil, fmt.Errorf("the workspace's folder is missing: %w", errors.Join(err, driver.ErrNotRunning))
	}
	return root, nil
}

// prepareRun makes a clean run folder.
func (d *Driver) prepareRun(r record) error {
	if err := d.PrepareRun(r.place(), r.UID, vscode.InsideHome); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(d.Sandbox(r.place()), egressDir), 0o755); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	return nil
}

// Attach starts the container and, in it, the editor; or tells the one that runs
// already whose it is.
func (d *Driver) Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error) {
	r, err := decode(h.State)
	if err != nil {
		return driver.Handle{}, err
	}
	if v.WorkspaceID != r.WorkspaceID || v.Owner != r.Owner {
		return driver.Handle{}, errors.New("the volume belongs to another workspace")
	}
	if r.Slot != uuid.Nil {
		return h, d.tell(ctx, r, h.Env)
	}
	root, err := d.EnsureUser(r.Owner, r.UID)
	if err != nil {
		return driver.Handle{}, err
	}
	defer root.Close()
	p := vscode.Inside(r.Name)
	if err := vscode.Prepare(root, r.WorkspaceID, r.UID, p); err != nil {
		return driver.Handle{}, err
	}
	return d.launch(ctx, r, keeper.Start{
		Command: vscode.Command(p), Env: append(environment(p, r.WorkspaceID), h.Env...), Dir: p.Project,
	})
}

// launch starts the container and tells its keeper what to run.
func (d *Driver) launch(ctx context.Context, r record, what keeper.Start) (driver.Handle, error) {
	if !r.vacant() {
		if err := d.openDoor(r); err != nil {
			return driver.Handle{}, err
		}
	}
	if err := d.engine.start(ctx, r.Container); err != nil {
		return driver.Handle{}, err
	}
	if err := d.awaitKeeper(ctx, r); err != nil {
		return driver.Handle{}, err
	}
	if err := d.keeper(r).Start(ctx, what); err != nil {
		return driver.Handle{}, err
	}
	if err := d.setMark(r); err != nil {
		return driver.Handle{}, err
	}
	c, found, err := d.engine.inspect(ctx, r.Container)
	if err != nil {
		return driver.Handle{}, err
	}
	if !found {
		return driver.Handle{}, driver.ErrNotRunning
	}
	return d.handle(r, c.State.Pid, c.State.Running)
}

// openDoor serves the sandbox's way out.
func (d *Driver) openDoor(r record) error {
	return d.gate.Open(r.WorkspaceID, filepath.Join(d.Sandbox(r.place()), egressDir, keeper.EgressSocket), r.UID)
}

// keeper is the sandbox's first process.
func (d *Driver) keeper(r record) keeper.Client {
	return keeper.Client{
		Dial:  func(ctx context.Context) (net.Conn, error) { return d.dial(ctx, r, keeper.SocketName) },
		Lends: d.options.Runtime == "",
	}
}

const (
	// keeperWithin bounds how long a started container's keeper may take.
	keeperWithin = 20 * time.Second
	// pollEvery is how often it is looked for.
	pollEvery = 10 * time.Millisecond
)

// awaitKeeper waits until the keeper listens, or says why it never will.
func (d *Driver) awaitKeeper(ctx context.Context, r record) error {
	ctx, cancel := context.WithTimeout(ctx, keeperWithin)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		conn, err := d.dial(ctx, r, keeper.SocketName)
		if err == nil {
			return conn.Close()
		}
		// Also a socket that looks like somebody else's is looked at again: gVisor
		// makes it as root and gives it to the workspace's uid a moment later.
		select {
		case <-ctx.Done():
			return fmt.Errorf("the sandbox's keeper does not answer: %w", errors.Join(err, d.lastWords(ctx, r)))
		case <-ticker.C:
		}
		if c, found, err := d.engine.inspect(ctx, r.Container); err == nil && (!found || !c.State.Running) {
			return fmt.Errorf("the sandbox ended at once: %w", d.lastWords(ctx, r))
		}
	}
}

// lastWords are what a container that does not do what it should has printed.
func (d *Driver) lastWords(ctx context.Context, r record) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	text, err := d.engine.logs(ctx, r.Container, 5, 4<<10)
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD")), "\n")
	if line == "" {
		return errors.New("it printed nothing")
	}
	return errors.New(line)
}
