package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/moby/moby/api/types/system"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// probeTimeout ends a probe that hangs, as half-supported kernels make it.
const probeTimeout = 40 * time.Second

// machine is what this machine offers for making sandboxes.
type machine struct {
	deployment uuid.UUID
	vscode     string // folder of the installed version
	image      string // id of the image
	cores      int
}

// Probe runs VS Code's Node.js in a container that is made exactly as a
// workspace's is, and looks at what the engine enforces.
func (d *Driver) Probe(ctx context.Context) (driver.Caps, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	m, info, err := d.look(ctx)
	if err != nil {
		return driver.Caps{}, err
	}
	if err := d.try(ctx, m); err != nil {
		return driver.Caps{}, fmt.Errorf("a trial of the container failed: %w", err)
	}
	d.mu.Lock()
	d.found = &m
	d.mu.Unlock()
	return d.caps(info, d.Unlimited(ctx)), nil
}

// look finds what a container needs.
func (d *Driver) look(ctx context.Context) (machine, system.Info, error) {
	var m machine
	info, err := d.engine.info(ctx)
	if err != nil {
		return m, info, err
	}
	if m.vscode, err = vscode.Find(d.options.VSCodeDir); err != nil {
		return m, info, err
	}
	if _, err := os.Stat(d.options.Keeper); err != nil {
		return m, info, fmt.Errorf("the program workspace-keeper is missing: %w", err)
	}
	if want := d.options.Runtime; want != "" {
		if _, ok := info.Runtimes[want]; !ok {
			return m, info, fmt.Errorf("docker has no runtime %q; docs/operators.md says how it gets one", want)
		}
	}
	var found bool
	if m.image, found, err = d.engine.image(ctx, d.options.Image); err != nil {
		return m, info, err
	}
	if !found {
		return m, info, fmt.Errorf("docker has no image %q; deploy/workspace-image/build.sh makes it", d.options.Image)
	}
	m.cores = info.NCPU
	m.deployment, err = d.deployment()
	return m, info, err
}

// try makes a sandbox for nobody and runs one command in it.
func (d *Driver) try(ctx context.Context, m machine) (err error) {
	r := record{Generation: generation, WorkspaceID: uuid.New(), Owner: uuid.New(), UID: d.Nobody(), Name: "probe"}
	defer func() {
		d.gate.Shut(r.WorkspaceID)
		err = errors.Join(err, d.EndTrial(context.WithoutCancel(ctx), r.Owner), os.RemoveAll(d.Sandbox(r.WorkspaceID)))
	}()
	if err := d.Trial(ctx, r.Owner, r.UID); err != nil {
		return err
	}
	root, err := d.EnsureUser(r.Owner, r.UID)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := userdata.OwnDir(root, userdata.Project(r.WorkspaceID), r.UID); err != nil {
		return err
	}
	limits := driver.Limits{CPUMillis: 1000, MemoryBytes: 512 << 20, Processes: 256}
	// A trial is no workspace: it must not be found by List.
	trial := m
	trial.deployment = uuid.Nil
	if r.Container, err = d.make(ctx, trial, "atrium-probe-"+r.WorkspaceID.String(), r, driver.Spec{Hostname: "probe", Limits: limits}); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, d.engine.remove(ctx, r.Container, true))
	}()
	p := vscode.Inside(r.Name)
	const script = `const fs = require("fs"), [, socket, project] = process.argv;
		fs.writeFileSync(project + "/probe", ""); fs.writeFileSync(socket + "/probe", "")`
	if _, err := d.launch(ctx, r, keeper.Start{
		Command: []string{p.Node(), "-e", script, p.Run, p.Project}, Env: environment(p, r.WorkspaceID), Dir: p.Project,
	}); err != nil {
		return err
	}
	code, err := d.engine.await(ctx, r.Container)
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("exit code %d: %w", code, d.lastWords(ctx, r))
	}
	if _, err := root.Lstat(userdata.Project(r.WorkspaceID) + "/probe"); err != nil {
		d.GiveUpLimits(errors.New("docker does not see what this program mounts"))
	}
	return nil
}

// caps says in words what this machine lacks.
func (d *Driver) caps(info system.Info, unlimited error) driver.Caps {
	runtime := d.options.Runtime
	if runtime == "" {
		runtime = info.DefaultRuntime
	}
	c := driver.Caps{Summary: fmt.Sprintf("containers of Docker %s, runtime %s, without a network", info.ServerVersion, runtime)}
	weaker := func(condition bool, words string) {
		if condition {
			c.Weaker = append(c.Weaker, words)
		}
	}
	profile := func(name string) bool {
		return slices.ContainsFunc(info.SecurityOptions, func(option string) bool { return strings.HasPrefix(option, "name="+name) })
	}
	weaker(os.Geteuid() != 0, "all users share this account's uid, because the program does not run as root")
	weaker(!profile("seccomp"), "docker filters no system calls (seccomp is off)")
	weaker(!info.MemoryLimit, "memory limits are not enforced")
	weaker(!info.SwapLimit, "swap is not limited")
	weaker(!info.CPUCfsQuota, "CPU limits are not enforced")
	weaker(!info.PidsLimit, "limits of processes are not enforced")
	weaker(!info.LiveRestoreEnabled, "workspaces stop when docker restarts (live-restore is off)")
	weaker(d.options.Runtime == "", "workspaces share this machine's kernel")
	weaker(unlimited != nil, fmt.Sprintf("the plan's storage is measured, not enforced (%v)", unlimited))
	return c
}

// Reach implements driver.Reacher.
func (d *Driver) Reach(ctx context.Context) error { return d.engine.ping(ctx) }
