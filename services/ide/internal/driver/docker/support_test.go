package docker

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/egress"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/vscode"
)

const cache = "../../../../../.cache"

// setting is a name that the environment may give another value.
func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// class is an isolation class under test.
type class struct{ name, runtime string }

var (
	plain  = class{name: "docker"}
	gvisor = class{name: "gvisor", runtime: "runsc"}
)

// each runs a test for each class that works here.
func each(t *testing.T, test func(t *testing.T, c class)) {
	t.Helper()
	for _, c := range []class{plain, gvisor} {
		t.Run(c.name, func(t *testing.T) { test(t, c) })
	}
}

func dataDir(t *testing.T) string { t.Helper(); return conformance.DataDir(t) }

// platformURL is where the tests' platform would be: nothing listens there
// unless a test sees to it.
const platformURL = "http://atrium.localhost:9"

func (c class) driver(t *testing.T, data string, change ...func(*Options)) *Driver {
	t.Helper()
	file, err := conformance.Keeper()
	require.NoError(t, err)
	platform, err := url.Parse(platformURL)
	require.NoError(t, err)
	o := Options{
		DataDir: data, VSCodeDir: setting("ATRIUM_VSCODE_DIR", filepath.Join(cache, "vscode")), Keeper: file,
		Image: setting("ATRIUM_WORKSPACE_IMAGE", "atrium-workspace"), Class: c.name, Runtime: c.runtime,
		Egress: egress.Policy{Internet: true}, Platform: platform, Grace: time.Second,
	}
	for _, set := range change {
		set(&o)
	}
	d, err := New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// need gives a driver that works, or skips loudly.
func (c class) need(t *testing.T, change ...func(*Options)) *Driver {
	t.Helper()
	d := c.driver(t, dataDir(t), change...)
	if works[c] == nil { // a trial takes seconds, and the machine stays the same
		_, err := d.Probe(t.Context())
		works[c] = &err
	}
	if err := *works[c]; err != nil {
		conformance.Required(t, c.name, err.Error())
	}
	m, _, err := d.look(t.Context())
	require.NoError(t, err)
	d.found = &m
	return d
}

// works is what the trial of a class came to. No test here is parallel.
var works = map[class]*error{}

// person is a user with one workspace, in whose place of an editor a shell
// script runs.
type person struct {
	driver *Driver
	owner  uuid.UUID
	id     uuid.UUID
	handle driver.Handle
	record record
}

func newPerson(t *testing.T, d *Driver, limits driver.Limits) *person {
	t.Helper()
	return personWith(t, d, driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}, limits)
}

func personWith(t *testing.T, d *Driver, v driver.VolumeSpec, limits driver.Limits) *person {
	t.Helper()
	p := &person{driver: d, owner: v.Owner, id: v.WorkspaceID}
	_, err := d.Ensure(t.Context(), v)
	require.NoError(t, err)
	p.handle, err = d.Prepare(t.Context(), driver.Spec{WorkspaceID: p.id, Owner: p.owner, Hostname: "test", Folder: "project", Limits: limits})
	require.NoError(t, err)
	p.record, err = decode(p.handle.State)
	require.NoError(t, err)
	t.Cleanup(func() { p.end(t) })
	return p
}

func (p *person) end(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, errors.Join(p.driver.Stop(ctx, p.handle), p.driver.Destroy(ctx, p.handle)))
}

// start runs a script in the sandbox, exactly as an editor is started.
func (p *person) start(t *testing.T, script string, env ...string) {
	t.Helper()
	var err error
	p.handle, err = p.driver.launch(t.Context(), p.record, keeper.Start{
		Command: []string{"/bin/bash", "-c", script}, Dir: "/",
		Env: append(environment(vscode.Inside("project"), p.id), env...),
	})
	require.NoError(t, err)
}

// run gives what a script printed once the sandbox has ended with it.
func (p *person) run(t *testing.T, script string, env ...string) string {
	t.Helper()
	p.start(t, script, env...)
	_, err := p.driver.engine.await(t.Context(), p.record.Container)
	require.NoError(t, err)
	return p.printed(t)
}

func (p *person) printed(t *testing.T) string {
	t.Helper()
	text, err := p.driver.engine.logs(t.Context(), p.record.Container, 10000, 1<<20)
	require.NoError(t, err)
	return string(text)
}

// await waits until the sandbox has printed something.
func (p *person) await(t *testing.T, word string) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); !strings.Contains(p.printed(t), word); time.Sleep(50 * time.Millisecond) {
		require.False(t, time.Now().After(until), "%q was not printed: %s", word, p.printed(t))
	}
}
