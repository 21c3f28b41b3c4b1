package directory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// probeTimeout ends a probe that hangs, as half-supported kernels make it.
const probeTimeout = 20 * time.Second

// Probe runs VS Code's Node.js in a sandbox of each kind, strongest first, and
// keeps the first kind that works.
func (d *Driver) Probe(ctx context.Context) (driver.Caps, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	vscode, err := filepath.EvalSymlinks(filepath.Join(d.vscode, "current"))
	if err != nil {
		return driver.Caps{}, fmt.Errorf("VS Code is not installed in %s; deploy/vscode/install.sh does that", d.vscode)
	}
	m := machine{
		root: os.Geteuid() == 0, vscode: vscode,
		bwrap: tool("bwrap"), setpriv: tool("setpriv"), prlimit: tool("prlimit"),
	}
	m.cgroups = m.root && groupsWork() == nil
	var attempts []error
	for _, candidate := range weakened(m) {
		if err := d.try(ctx, candidate); err != nil {
			attempts = append(attempts, err)
			continue
		}
		d.mu.Lock()
		d.found = &candidate
		d.mu.Unlock()
		return candidate.caps(errors.Join(attempts...)), nil
	}
	return driver.Caps{}, fmt.Errorf("no kind of sandbox works here: %w", errors.Join(attempts...))
}

// weakened gives the kinds of sandbox to try.
func weakened(m machine) []machine {
	kinds := []machine{m}
	if m.bwrap != "" {
		m.bwrap = ""
		kinds = append(kinds, m)
	}
	return kinds
}

// try makes a sandbox for nobody and runs one command in it.
func (d *Driver) try(ctx context.Context, m machine) error {
	if err := d.layout.prepare(); err != nil {
		return err
	}
	r := record{Version: recordVersion, WorkspaceID: uuid.New(), Owner: uuid.New(), UID: os.Geteuid(), Hostname: "probe", Name: "probe"}
	if m.root {
		r.UID = d.accounts.first - 1 // no user's
	}
	r.SocketDir = filepath.Join(d.layout.sandbox(r.WorkspaceID), socketDir)
	defer os.RemoveAll(d.layout.user(r.Owner))
	defer os.RemoveAll(d.layout.sandbox(r.WorkspaceID))
	root, err := d.layout.ensureUser(r.Owner, r.UID)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, dir := range []string{project(r.WorkspaceID), state(r.WorkspaceID)} {
		if err := ownDir(root, dir, r.UID); err != nil {
			return err
		}
	}
	if err := d.prepareRunDir(r); err != nil {
		return err
	}
	p := d.places(m, r)
	const script = `const fs = require("fs"), [, socket, project] = process.argv;
		fs.writeFileSync(project + "/probe", ""); fs.writeFileSync(socket + "/probe", "")`
	argv := d.confine(m, r, []string{filepath.Join(p.vscode, "node/bin/node"), "-e", script, p.run, p.project})
	arguments, err := d.arguments(m, r)
	if err != nil {
		return err
	}
	defer arguments.Close()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.ExtraFiles = []*os.File{nil, arguments}
	cmd.Env, cmd.Dir, cmd.WaitDelay = environment(p, r.WorkspaceID), "/", time.Second
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", m.kind(), err, firstLine(output))
	}
	return nil
}

// groupsWork makes and removes a control group with limits.
func groupsWork() error {
	g, err := makeGroup(uuid.New(), driver.Limits{CPUMillis: 1000, MemoryBytes: 1 << 28, Processes: 64})
	if err != nil {
		return err
	}
	return g.remove()
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
func (m machine) caps(failed error) driver.Caps {
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
	weaker(true, "workspaces share the machine's network, loopback included")
	weaker(true, "the plan's storage is measured, not enforced")
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
