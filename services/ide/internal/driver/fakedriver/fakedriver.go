// Package fakedriver is a driver that runs nothing: tests tell it what to fail,
// what to hold up, and what ends by itself. Its sandboxes live as long as the
// value does, so two managers over one Driver are a program before and after a
// restart.
package fakedriver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Driver is a scriptable driver and its volumes.
type Driver struct {
	class     string
	mu        sync.Mutex
	next      int
	sandboxes map[uuid.UUID]driver.Handle
	computed  map[uuid.UUID]time.Duration
	volumes   map[driver.Volume]bool
	failing   map[string]error
	held      map[string]chan struct{}
	reached   map[string]chan struct{}
	calls     []string
	ran       [][]string
	printed   string
	exit      int
	ahead     bool
}

var (
	_ driver.Driver    = (*Driver)(nil)
	_ driver.Terminals = (*Driver)(nil)
	_ driver.Runner    = (*Driver)(nil)
	_ driver.Volumes   = (*Driver)(nil)
)

// New makes a driver on which everything works.
func New() *Driver { return NewClass("fake") }

// NewClass is New for a class of another name. Its volumes are its own: what
// shares them keeps them in one of the drivers.
func NewClass(class string) *Driver {
	return &Driver{
		class:     class,
		sandboxes: map[uuid.UUID]driver.Handle{}, computed: map[uuid.UUID]time.Duration{}, volumes: map[driver.Volume]bool{},
		failing: map[string]error{}, held: map[string]chan struct{}{}, reached: map[string]chan struct{}{},
	}
}

// Fail makes a method, such as "Attach", fail until it is called with nil.
func (d *Driver) Fail(method string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing[method] = err
}

// Hold makes a method wait: reached is closed when somebody is in it, release
// lets it go on. Who waits gives up when its context ends.
func (d *Driver) Hold(method string) (reached <-chan struct{}, release func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	hold, arrival := make(chan struct{}), make(chan struct{})
	d.held[method], d.reached[method] = hold, arrival
	return arrival, sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.held, method)
		close(hold)
	})
}

// Ahead makes the sandboxes to come such as were made ahead of their workspace,
// but for those that shall not be. Method "AttachWarm" is their Attach's besides.
func (d *Driver) Ahead() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead = true
}

// Kill ends a sandbox behind everybody's back.
func (d *Driver) Kill(workspace uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.sandboxes[workspace]
	h.Running = false
	d.sandboxes[workspace] = h
}

// Plant makes a sandbox that nobody asked for.
func (d *Driver) Plant(owner, workspace uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sandboxes[workspace] = driver.Handle{WorkspaceID: workspace, Owner: owner, ID: "fake-planted", Running: true}
}

// Compute makes a sandbox's programs take processor time.
func (d *Driver) Compute(workspace uuid.UUID, took time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.computed[workspace] += took
}

// Sandbox tells whether a workspace has a sandbox and whether that runs.
func (d *Driver) Sandbox(workspace uuid.UUID) (exists, running bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, ok := d.sandboxes[workspace]
	return ok, h.Running
}

// HasVolume tells whether a workspace's files are there.
func (d *Driver) HasVolume(v driver.Volume) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.volumes[v]
}

// Count tells how often a method was called.
func (d *Driver) Count(method string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, c := range d.calls {
		if c == method {
			n++
		}
	}
	return n
}

// enter notes a call, waits if it is held, and fails if it shall.
func (d *Driver) enter(ctx context.Context, method string) error {
	d.mu.Lock()
	d.calls = append(d.calls, method)
	hold, arrival := d.held[method], d.reached[method]
	delete(d.reached, method)
	d.mu.Unlock()
	if arrival != nil {
		close(arrival)
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failing[method]
}

// Name is "fake", or what NewClass was given.
func (d *Driver) Name() string { return d.class }

// Probe says that nothing is weaker.
func (d *Driver) Probe(ctx context.Context) (driver.Caps, error) {
	return driver.Caps{Summary: "nothing runs"}, d.enter(ctx, "Probe")
}

// Prepare makes a sandbox that does not run yet; a second one is refused.
func (d *Driver) Prepare(ctx context.Context, spec driver.Spec) (driver.Handle, error) {
	if err := d.enter(ctx, "Prepare"); err != nil {
		return driver.Handle{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sandboxes[spec.WorkspaceID].Running {
		return driver.Handle{}, fmt.Errorf("workspace %s runs already", spec.WorkspaceID)
	}
	d.next++
	h := driver.Handle{
		WorkspaceID: spec.WorkspaceID, Owner: spec.Owner, ID: fmt.Sprintf("fake-%d", d.next),
		Folder: "/workspaces/" + spec.Folder, State: json.RawMessage(`{}`), Warm: d.ahead && !spec.Cold,
	}
	d.sandboxes[spec.WorkspaceID] = h
	return h, nil
}

// Attach makes the sandbox run.
func (d *Driver) Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error) {
	if h.Warm {
		if err := d.enter(ctx, "AttachWarm"); err != nil {
			return driver.Handle{}, err
		}
	}
	if err := d.enter(ctx, "Attach"); err != nil {
		return driver.Handle{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.class == "fake" && !d.volumes[v] {
		return driver.Handle{}, fmt.Errorf("workspace %s has no volume", v.WorkspaceID)
	}
	h.Running = true
	d.sandboxes[h.WorkspaceID] = h
	return h, nil
}

// Dial gives one end of a pipe whose other end is closed with it.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	if err := d.enter(ctx, "Dial"); err != nil {
		return nil, err
	}
	if _, running := d.Sandbox(h.WorkspaceID); !running {
		return nil, driver.ErrNotRunning
	}
	near, far := net.Pipe()
	go func() { // it reads whatever is sent, until the caller closes
		defer far.Close()
		_, _ = io.Copy(io.Discard, far)
	}()
	return near, nil
}

// Terminal gives a shell that prints what is typed.
func (d *Driver) Terminal(ctx context.Context, h driver.Handle, _ driver.Terminal) (driver.Shell, error) {
	if err := d.enter(ctx, "Terminal"); err != nil {
		return nil, err
	}
	if _, running := d.Sandbox(h.WorkspaceID); !running {
		return nil, driver.ErrNotRunning
	}
	return make(echo, 1), nil
}

// Prints makes programs print something and end with an exit code.
func (d *Driver) Prints(text string, exit int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.printed, d.exit = text, exit
}

// Ran gives the arguments of the programs that were run.
func (d *Driver) Ran() [][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.ran)
}

// Execute notes a program.
func (d *Driver) Execute(ctx context.Context, _ driver.Handle, c driver.Command, output func([]byte)) (int, error) {
	if err := d.enter(ctx, "Execute"); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ran = append(d.ran, c.Args)
	output([]byte(d.printed))
	return d.exit, nil
}

type echo chan []byte

func (echo) Resumed() bool               { return false }
func (e echo) Send(p []byte) error       { e <- p; return nil }
func (e echo) Receive() ([]byte, error)  { return <-e, nil }
func (echo) Resize(uint16, uint16) error { return nil }
func (echo) Close() error                { return nil }

// Stop ends a sandbox.
func (d *Driver) Stop(ctx context.Context, h driver.Handle) error {
	if err := d.enter(ctx, "Stop"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.sandboxes[h.WorkspaceID]; ok {
		s.Running = false
		d.sandboxes[h.WorkspaceID] = s
	}
	return nil
}

// Destroy forgets a sandbox, but never one that runs.
func (d *Driver) Destroy(ctx context.Context, h driver.Handle) error {
	if err := d.enter(ctx, "Destroy"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sandboxes[h.WorkspaceID].Running {
		return fmt.Errorf("workspace %s still runs", h.WorkspaceID)
	}
	delete(d.sandboxes, h.WorkspaceID)
	return nil
}

// Stats answers ErrNotRunning for what does not run.
func (d *Driver) Stats(ctx context.Context, h driver.Handle) (driver.Stats, error) {
	if err := d.enter(ctx, "Stats"); err != nil {
		return driver.Stats{}, err
	}
	if _, running := d.Sandbox(h.WorkspaceID); !running {
		return driver.Stats{}, driver.ErrNotRunning
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return driver.Stats{MemoryBytes: 1 << 20, CPUTime: d.computed[h.WorkspaceID], At: time.Now()}, nil
}

// List gives all sandboxes.
func (d *Driver) List(ctx context.Context) ([]driver.Handle, error) {
	if err := d.enter(ctx, "List"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []driver.Handle
	for _, h := range d.sandboxes {
		list = append(list, h)
	}
	return list, nil
}

// Logs gives one line.
func (d *Driver) Logs(ctx context.Context, _ driver.Handle, _ int) ([]string, error) {
	return []string{"nothing runs"}, d.enter(ctx, "Logs")
}

// Ensure makes a volume.
func (d *Driver) Ensure(ctx context.Context, spec driver.VolumeSpec) (driver.Volume, error) {
	v := driver.Volume{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner}
	if err := d.enter(ctx, "Ensure"); err != nil {
		return v, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.volumes[v] = true
	return v, nil
}

// Usage is a kibibyte for every volume.
func (d *Driver) Usage(ctx context.Context, v driver.Volume) (int64, error) {
	if err := d.enter(ctx, "Usage"); err != nil || !d.HasVolume(v) {
		return 0, err
	}
	return 1024, nil
}

// Delete removes a volume.
func (d *Driver) Delete(ctx context.Context, v driver.Volume) error {
	if err := d.enter(ctx, "Delete"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.volumes, v)
	return nil
}

// DeleteUser removes a user's volumes.
func (d *Driver) DeleteUser(ctx context.Context, owner driver.Owner) error {
	if err := d.enter(ctx, "DeleteUser"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for v := range d.volumes {
		if v.Owner == owner {
			delete(d.volumes, v)
		}
	}
	return nil
}
