package directory

import (
	"context"
	"fmt"
	"net"
	"slices"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/listening"
)

// Ports finds the sandbox's listening sockets. The network may be the whole
// machine's, so only sockets that a process of the sandbox holds count.
func (d *Driver) Ports(_ context.Context, h driver.Handle) ([]driver.Port, error) {
	found, err := d.listeners(h)
	if err != nil {
		return nil, err
	}
	return listening.Ports(found), nil
}

// DialPort connects to a listening socket of the sandbox and to no other.
func (d *Driver) DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	found, err := d.listeners(h)
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		if l.Port != port {
			continue
		}
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", l.Reachable())
		if err != nil {
			return nil, fmt.Errorf("%w: %w", driver.ErrPortClosed, err)
		}
		return conn, nil
	}
	return nil, driver.ErrPortClosed
}

func (d *Driver) listeners(h driver.Handle) ([]listening.Socket, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	if !r.Process.alive() {
		return nil, driver.ErrNotRunning
	}
	pids, err := r.processes()
	if err != nil {
		return nil, err
	}
	found, err := listening.Sockets(r.Process.PID, pids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(s listening.Socket) bool { return s.PID == 0 }), nil
}

// processes are those of the sandbox.
func (r record) processes() ([]int, error) {
	if r.Cgroup {
		g, err := cgroup.Find(r.place())
		if err != nil {
			return nil, err
		}
		return g.Members()
	}
	all, err := table()
	if err != nil {
		return nil, err
	}
	return tree(all, r.Process.PID), nil
}
