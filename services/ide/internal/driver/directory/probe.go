package directory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// probeTimeout ends a probe that hangs, as half-supported kernels make it.
const probeTimeout = 20 * time.Second

// Probe runs VS Code's Node.js in a sandbox of each kind, strongest first, and
// keeps the first kind that works.
func (d *Driver) Probe(ctx context.Context) (driver.Caps, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	installed, err := vscode.Find(d.vscode)
	if err != nil {
		return driver.Caps{}, err
	}
	m := machine{
		root: os.Geteuid() == 0, vscode: installed,
		bwrap: tool("bwrap"), setpriv: tool("setpriv"), prlimit: tool("prlimit"),
	}
	m.cgroups = m.root && cgroup.Work() == nil
	if info, err := os.Stat(d.keeper); err == nil && info.Mode().IsRegular() {
		m.keeper = d.keeper
	}
	var attempts []error
	for _, candidate := range weakened(m) {
		if candidate.warm, err = d.try(ctx, candidate); err != nil {
			attempts = append(attempts, err)
			continue
		}
		d.mu.Lock()
		d.found = &candidate
		d.mu.Unlock()
		return candidate.caps(errors.Join(attempts...), d.Unlimited(ctx)), nil
	}
	return driver.Caps{}, fmt.Errorf("no kind of sandbox works here: %w", errors.Join(attempts...))
}

// weakened gives the kinds of sandbox to try.
func weakened(m machine) []machine {
	kinds := []machine{m}
	if m.bwrap != "" {
		m.bwrap = ""
		if m.root { // the program may lie where only root can go
			m.keeper = ""
		}
		kinds = append(kinds, m)
	}
	return kinds
}

// try makes a sandbox for nobody and runs one command in it. cold is why folders
// can't be attached to one that runs.
func (d *Driver) try(ctx context.Context, m machine) (cold, err error) {
	if err := d.prepare(); err != nil {
		return nil, err
	}
	r := record{Version: recordVersion, WorkspaceID: uuid.New(), Owner: uuid.New(), UID: d.Nobody(), Hostname: "probe", Name: "probe"}
	r.SocketDir = d.Sockets(r.WorkspaceID)
	defer func() { _ = d.EndTrial(context.WithoutCancel(ctx), r.Owner) }() // what stays does no harm
	defer os.RemoveAll(d.Sandbox(r.WorkspaceID))
	root, err := d.EnsureUser(r.Owner, r.UID)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	for _, dir := range []string{userdata.Project(r.WorkspaceID), userdata.State(r.WorkspaceID)} {
		if err := userdata.OwnDir(root, dir, r.UID); err != nil {
			return nil, err
		}
	}
	if err := d.prepareRunDir(r); err != nil {
		return nil, err
	}
	p := d.places(m, r)
	const script = `const fs = require("fs"), [, socket, project] = process.argv;
		fs.writeFileSync(project + "/probe", ""); fs.writeFileSync(socket + "/probe", "")`
	argv := d.confine(m, r, []string{p.Node(), "-e", script, p.Run, p.Project})
	arguments, err := d.arguments(m, r)
	if err != nil {
		return nil, err
	}
	defer arguments.Close()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.ExtraFiles = []*os.File{nil, arguments}
	cmd.Env, cmd.Dir, cmd.WaitDelay = vscode.Environment(p, r.WorkspaceID), "/", time.Second
	if output, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", m.kind(), err, firstLine(output))
	}
	if !m.root {
		return nil, nil
	}
	trees, cold := d.spaces.Detach(root, r.WorkspaceID, r.UID, r.UID-1, p)
	trees.Close()
	return cold, nil
}

func (m machine) kind() string {
	switch {
	case m.bwrap != "" && m.root:
		return "own uid in bubblewrap namespaces"
	case m.bwrap != "":
		return "bubblewrap in a user namespace"
	case m.root:
		return "own uid"
	}
	return "plain process"
}

// caps says in words what this machine lacks.
func (m machine) caps(failed, unlimited error) driver.Caps {
	c := driver.Caps{Summary: m.kind()}
	weaker := func(condition bool, words string) {
		if condition {
			c.Weaker = append(c.Weaker, words)
		}
	}
	if failed != nil {
		weaker(true, "a stronger sandbox failed ("+firstLine([]byte(failed.Error()))+")")
	} else {
		weaker(m.bwrap == "", "bubblewrap is not installed")
	}
	weaker(m.bwrap == "", "workspaces see the machine's files, processes and /tmp as any local account does")
	weaker(!m.root, "all users share this account's uid, because the program does not run as root")
	weaker(!m.root && m.bwrap == "", "users can read each other's files")
	weaker(m.setpriv == "" && m.bwrap == "", "setpriv is missing: set-uid programs work inside workspaces")
	weaker(!m.cgroups, "no control groups: memory and CPU limits are not enforced")
	weaker(m.keeper == "", "without the program workspace-keeper and bubblewrap there are no terminals but the editor's own")
	weaker(true, "workspaces share the machine's network, loopback included")
	weaker(unlimited != nil, fmt.Sprintf("the plan's storage is measured, not enforced (%v)", unlimited))
	return c
}

// tool finds a program, or gives "".
func tool(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}
