package directory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Prepare makes the user's account and folders, the sandbox's run folder and
// its control group.
func (d *Driver) Prepare(ctx context.Context, spec driver.Spec) (driver.Handle, error) {
	m, err := d.machine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	if err := d.vacant(spec); err != nil {
		return driver.Handle{}, err
	}
	if err := d.prepare(); err != nil {
		return driver.Handle{}, err
	}
	uid, err := d.UID(spec.Owner)
	if err != nil {
		return driver.Handle{}, err
	}
	r := record{
		Version: recordVersion, WorkspaceID: spec.WorkspaceID, Owner: spec.Owner, UID: uid,
		Hostname: spec.Hostname, Name: spec.Folder, Limits: spec.Limits,
		SocketDir: d.Sockets(spec.WorkspaceID),
		Contained: m.bwrap != "", Cgroup: m.cgroups,
	}
	r.Folder = d.places(m, r).Project
	if err := d.prepareRunDir(r); err != nil {
		return driver.Handle{}, err
	}
	if m.cgroups {
		if _, err := cgroup.Make(r.place(), r.Limits); err != nil {
			return driver.Handle{}, err
		}
	}
	if err := d.save(r); err != nil {
		return driver.Handle{}, err
	}
	return r.handle()
}

// vacant checks that a workspace may get a sandbox as specified, and has none.
func (d *Driver) vacant(spec driver.Spec) error {
	if spec.Folder == "" || spec.Folder != filepath.Base(spec.Folder) || strings.HasPrefix(spec.Folder, ".") {
		return fmt.Errorf("%q can't be the name of a folder", spec.Folder)
	}
	before, found, err := d.saved(spec.WorkspaceID)
	if err == nil && found && before.Process.alive() {
		err = fmt.Errorf("the sandbox of workspace %s runs already", spec.WorkspaceID)
	}
	return err
}

// prepareRunDir makes a clean run folder.
func (d *Driver) prepareRunDir(r record) error {
	if err := d.PrepareRun(r.place(), r.UID, vscode.InsideHome); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.Sandbox(r.place()), hostsFile), d.hosts(), 0o644); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	return nil
}

// Attach starts the editor over the user's folders.
func (d *Driver) Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error) {
	r, err := decode(h.State)
	if err != nil {
		return driver.Handle{}, err
	}
	if v.WorkspaceID != r.WorkspaceID || v.Owner != r.Owner || r.Warm {
		return driver.Handle{}, errors.New("the volume belongs to another workspace")
	}
	m, err := d.machine(ctx)
	if err != nil {
		return driver.Handle{}, err
	}
	p := d.places(m, r)
	if r.Slot != uuid.Nil {
		return h, d.tell(ctx, r, p, append(vscode.Environment(p, r.WorkspaceID), h.Env...))
	}
	root, err := d.furnish(r.Owner, r.WorkspaceID, r.UID, p)
	if err != nil {
		return driver.Handle{}, err
	}
	defer root.Close()
	if r, err = d.launch(m, r, m.held(p, vscode.Command(p)), append(vscode.Environment(p, r.WorkspaceID), h.Env...)); err != nil {
		return driver.Handle{}, err
	}
	return r.handle()
}

// furnish readies the user's folders for an editor, and opens the topmost.
func (d *Driver) furnish(owner driver.Owner, workspace uuid.UUID, uid int, p vscode.Places) (*os.Root, error) {
	root, err := d.EnsureUser(owner, uid)
	if err != nil {
		return nil, err
	}
	info, err := root.Lstat(userdata.Project(workspace))
	if err != nil || !info.IsDir() {
		err = fmt.Errorf("the workspace's folder is missing: %w", errors.Join(err, driver.ErrNotRunning))
	} else {
		err = vscode.Prepare(root, workspace, uid, p)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// gate holds a new process back until it has been recorded and put into its
// control group. Should this program be killed before, the pipe closes, and
// the process ends without having done anything.
const gate = `read -r go <&3 && exec 3<&- && exec "$@"`

// launch starts a command in the sandbox, in a session of its own, so that it
// stays when this program ends.
func (d *Driver) launch(m machine, r record, command, env []string) (record, error) {
	log, err := os.OpenFile(d.Log(r.WorkspaceID),
		os.O_WRONLY|os.O_CREATE|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return r, fmt.Errorf("the editor's log: %w", err)
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return r, err
	}
	defer null.Close()
	held, release, err := os.Pipe()
	if err != nil {
		return r, err
	}
	defer release.Close()
	defer held.Close()

	arguments, err := d.arguments(m, r)
	if err != nil {
		return r, fmt.Errorf("start the sandbox: %w", err)
	}
	defer arguments.Close()

	argv := append([]string{"/bin/sh", "-c", gate, "sh"}, d.confine(m, r, command)...)
	child, err := os.StartProcess(argv[0], argv, &os.ProcAttr{
		Dir: "/", Env: env,
		Files: []*os.File{null, log, log, held, arguments},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return r, fmt.Errorf("start the sandbox: %w", err)
	}
	pid := child.Pid
	_ = child.Release() // it outlives us; process.alive reaps it while we are there
	if r.Process, err = identify(pid); err != nil {
		return r, fmt.Errorf("start the sandbox: %w", err)
	}
	if r.Cgroup {
		g, err := cgroup.Find(r.place())
		if err != nil {
			return r, err
		}
		if err := g.Add(pid); err != nil {
			return r, fmt.Errorf("control group: %w", err)
		}
	}
	if err := d.save(r); err != nil {
		return r, err
	}
	if _, err := release.WriteString("go\n"); err != nil {
		return r, fmt.Errorf("start the sandbox: %w", err)
	}
	return r, nil
}

// inEnvironment reports whether a process carries the marker.
func inEnvironment(pid int, workspace uuid.UUID) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return err == nil && strings.Contains("\x00"+string(text), "\x00"+vscode.Marker(workspace)+"\x00")
}
