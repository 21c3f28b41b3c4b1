package fleet

import (
	"context"
	"fmt"
	"net"
	"slices"

	"atrium.internal/services/ide/internal/driver"
)

// Fleet is the drivers of a deployment, by isolation class.
type Fleet struct {
	members []driver.Driver
	ahead   map[string]Ahead
}

// Ahead has sandboxes of a class that were made before their workspace was known.
type Ahead interface {
	// Claim makes one the workspace's; ok is false where there is none.
	Claim(ctx context.Context, spec driver.Spec) (h driver.Handle, ok bool)
	// Warm counts them.
	Warm() int
}

// Ahead takes the sandboxes of a class, where there are any, from a. It is to be
// called before the fleet is used.
func (f *Fleet) Ahead(class string, a Ahead) { f.ahead[class] = a }

// New makes a fleet; the first driver's class is for whom no other is named.
func New(first driver.Driver, others ...driver.Driver) *Fleet {
	return &Fleet{members: append([]driver.Driver{first}, others...), ahead: map[string]Ahead{}}
}

// Default is the class for whom no other is named.
func (f *Fleet) Default() string { return f.members[0].Name() }

// Classes gives the classes that there are, the default first.
func (f *Fleet) Classes() []string {
	var all []string
	for _, d := range f.members {
		all = append(all, d.Name())
	}
	return all
}

// Has reports whether there is a driver of the class.
func (f *Fleet) Has(class string) bool { return slices.Contains(f.Classes(), class) }

// Ready reports whether a sandbox of the class is there that was made ahead.
func (f *Fleet) Ready(class string) bool {
	a, ok := f.ahead[class]
	return ok && a.Warm() > 0
}

func (f *Fleet) of(class string) (driver.Driver, error) {
	for _, d := range f.members {
		if d.Name() == class {
			return d, nil
		}
	}
	return nil, fmt.Errorf("no driver of the isolation class %q", class)
}

// List gives the sandboxes of every class that answers, and why the others do
// not. Of a class that does not answer nothing is known.
func (f *Fleet) List(ctx context.Context) (handles []driver.Handle, silent map[string]error) {
	silent = map[string]error{}
	for _, d := range f.members {
		list, err := d.List(ctx)
		if err != nil {
			silent[d.Name()] = err
			continue
		}
		for _, h := range list {
			h.Class = d.Name()
			handles = append(handles, h)
		}
	}
	return handles, silent
}

// Prepare makes a sandbox of the given class, or takes one that was made ahead.
func (f *Fleet) Prepare(ctx context.Context, class string, spec driver.Spec) (driver.Handle, error) {
	d, err := f.of(class)
	if err != nil {
		return driver.Handle{}, err
	}
	if a, ok := f.ahead[class]; ok && !spec.Cold {
		if h, ok := a.Claim(ctx, spec); ok {
			h.Class = class
			return h, nil
		}
	}
	h, err := d.Prepare(ctx, spec)
	h.Class = class
	return h, err
}

// Attach is the driver's.
func (f *Fleet) Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return driver.Handle{}, err
	}
	attached, err := d.Attach(ctx, h, v)
	attached.Class = h.Class
	return attached, err
}

// Dial is the driver's.
func (f *Fleet) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return nil, err
	}
	return d.Dial(ctx, h)
}

// Stop is the driver's.
func (f *Fleet) Stop(ctx context.Context, h driver.Handle) error {
	d, err := f.of(h.Class)
	if err != nil {
		return err
	}
	return d.Stop(ctx, h)
}

// Destroy is the driver's.
func (f *Fleet) Destroy(ctx context.Context, h driver.Handle) error {
	d, err := f.of(h.Class)
	if err != nil {
		return err
	}
	return d.Destroy(ctx, h)
}

// Stats is the driver's.
func (f *Fleet) Stats(ctx context.Context, h driver.Handle) (driver.Stats, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return driver.Stats{}, err
	}
	return d.Stats(ctx, h)
}

// Logs is the driver's.
func (f *Fleet) Logs(ctx context.Context, h driver.Handle, lines int) ([]string, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return nil, err
	}
	return d.Logs(ctx, h, lines)
}

// Ports is the driver's, or driver.ErrNoPorts.
func (f *Fleet) Ports(ctx context.Context, h driver.Handle) ([]driver.Port, error) {
	ports, err := f.ports(h.Class)
	if err != nil {
		return nil, err
	}
	return ports.Ports(ctx, h)
}

// DialPort is the driver's, or driver.ErrNoPorts.
func (f *Fleet) DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	ports, err := f.ports(h.Class)
	if err != nil {
		return nil, err
	}
	return ports.DialPort(ctx, h, port)
}

func (f *Fleet) ports(class string) (driver.Ports, error) {
	d, err := f.of(class)
	if err != nil {
		return nil, err
	}
	ports, can := d.(driver.Ports)
	if !can {
		return nil, driver.ErrNoPorts
	}
	return ports, nil
}

// Terminal is the driver's, or driver.ErrNoTerminals.
func (f *Fleet) Terminal(ctx context.Context, h driver.Handle, t driver.Terminal) (driver.Shell, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return nil, err
	}
	terminals, can := d.(driver.Terminals)
	if !can {
		return nil, driver.ErrNoTerminals
	}
	return terminals.Terminal(ctx, h, t)
}

// Execute is the driver's, or driver.ErrNoTerminals.
func (f *Fleet) Execute(ctx context.Context, h driver.Handle, c driver.Command, output func([]byte)) (int, error) {
	d, err := f.of(h.Class)
	if err != nil {
		return 0, err
	}
	runner, can := d.(driver.Runner)
	if !can {
		return 0, driver.ErrNoTerminals
	}
	return runner.Execute(ctx, h, c, output)
}

// Address is where programs in a sandbox of the class reach the platform that
// has the given public URL.
func (f *Fleet) Address(class, public string) string {
	if d, err := f.of(class); err == nil {
		if elsewhere, ok := d.(driver.Addresser); ok {
			return elsewhere.Address(public)
		}
	}
	return public
}
