package kubernetes

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// TestConformance needs a cluster: deploy/test/k8s/test.sh brings one.
func TestConformance(t *testing.T) {
	t.Parallel() // they mostly wait, each in a namespace of its own
	r := needRig(t)
	d := r.driver(t)
	conformance.Run(t, conformance.Subject{
		Driver: d, Volumes: d.Volumes(),
		Again: func(t *testing.T) driver.Driver { return r.driver(t) },
		Script: func(t *testing.T, v driver.VolumeSpec, script string) string {
			p := newPerson(t, d, v, driver.Limits{MemoryBytes: 512 << 20, Processes: 100, CPUMillis: 2000})
			defer p.end(t)
			return p.run(t, script)
		},
		Begin: func(t *testing.T, v driver.VolumeSpec, l driver.Limits, script string) (driver.Handle, func()) {
			p := newPerson(t, d, v, l)
			p.start(t, script)
			return p.handle, func() { p.end(t) }
		},
	})
}

// person is a user with one workspace, in whose place of an editor a shell
// script runs.
type person struct {
	driver *Driver
	handle driver.Handle
}

func newPerson(t *testing.T, d *Driver, v driver.VolumeSpec, limits driver.Limits) *person {
	t.Helper()
	_, err := d.Volumes().Ensure(t.Context(), v)
	require.NoError(t, err)
	p := &person{driver: d}
	p.handle, err = d.Prepare(t.Context(), driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "test", Folder: "project", Limits: limits})
	require.NoError(t, err)
	t.Cleanup(func() { p.end(t) })
	return p
}

func (p *person) end(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, p.driver.Stop(ctx, p.handle))
	require.NoError(t, p.driver.Destroy(ctx, p.handle))
}

func (p *person) record(t *testing.T) record {
	t.Helper()
	r, err := decode(p.handle.State)
	require.NoError(t, err)
	return r
}

// start runs a script in the sandbox, exactly as an editor is started.
func (p *person) start(t *testing.T, script string) {
	t.Helper()
	r := p.record(t)
	var err error
	p.handle, err = p.driver.launch(t.Context(), r, keeper.Start{
		Command: []string{"/bin/bash", "-c", script}, Dir: "/", Env: vscode.Environment(vscode.Inside("project"), r.WorkspaceID),
	})
	require.NoError(t, err)
}

// run gives what a script printed once the sandbox has ended with it.
func (p *person) run(t *testing.T, script string) string {
	t.Helper()
	p.start(t, script)
	r := p.record(t)
	var ended *core.Pod
	require.NoError(t, p.driver.cluster.await(t.Context(), 2*time.Minute, "the script does not end", func() (bool, error) {
		found, err := p.driver.cluster.pod(t.Context(), r.Pod)
		ended = found
		return err == nil && (found == nil || over(found)), err
	}))
	require.NotNil(t, ended)
	text, err := p.driver.cluster.logs(t.Context(), r.Pod, containerName, 10000, 1<<20)
	require.NoError(t, err)
	return string(text)
}
