package docker

import (
	"context"
	"errors"
	"net"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/unixsock"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Dial connects to the editor's socket.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	conn, err := d.dial(ctx, r, vscode.SocketName)
	if err != nil {
		return nil, d.because(ctx, r, err)
	}
	return conn, nil
}

// Ports asks the keeper; the sandbox's network can't be looked into from outside
// when it has a kernel of its own.
func (d *Driver) Ports(ctx context.Context, h driver.Handle) ([]driver.Port, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	ports, err := d.keeper(r).Ports(ctx)
	if err != nil {
		return nil, d.because(ctx, r, err)
	}
	return ports, nil
}

// DialPort has the keeper connect; that is to nothing but its own network, in
// which there is nobody else.
func (d *Driver) DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	conn, err := d.keeper(r).DialPort(ctx, port)
	if errors.Is(err, driver.ErrPortClosed) {
		return nil, err
	}
	if err != nil {
		return nil, d.because(ctx, r, err)
	}
	return conn, nil
}

// Terminal asks the keeper.
func (d *Driver) Terminal(ctx context.Context, h driver.Handle, t driver.Terminal) (driver.Shell, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	shell, err := d.keeper(r).Terminal(ctx, t)
	if errors.Is(err, driver.ErrTerminals) {
		return nil, err
	}
	if err != nil {
		return nil, d.because(ctx, r, err)
	}
	return shell, nil
}

// Execute asks the keeper.
func (d *Driver) Execute(ctx context.Context, h driver.Handle, c driver.Command, output func([]byte)) (int, error) {
	r, err := decode(h.State)
	if err != nil {
		return 0, err
	}
	exit, err := d.keeper(r).Run(ctx, c, output)
	if err != nil && ctx.Err() == nil {
		return 0, d.because(ctx, r, err)
	}
	return exit, err
}

// dial connects to a socket in the folder that the workspace can write to.
// Besides what unixsock checks, the process at the other end must run under the
// workspace's uid; with a kernel of its own between, that says nothing.
func (d *Driver) dial(ctx context.Context, r record, name string) (net.Conn, error) {
	conn, err := unixsock.Dial(ctx, d.Sockets(r.place()), name, r.UID)
	if err != nil {
		return nil, err
	}
	if d.options.Runtime == "" {
		if err := unixsock.CheckPeer(conn, r.UID); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// because gives the reason why a connection failed: ErrNotRunning when the
// sandbox has ended.
func (d *Driver) because(ctx context.Context, r record, failed error) error {
	if _, err := d.running(ctx, r); errors.Is(err, driver.ErrNotRunning) {
		return driver.ErrNotRunning
	}
	return failed
}

// running gives the pid of the sandbox's first process, or ErrNotRunning. Any
// other error means that nobody knows.
func (d *Driver) running(ctx context.Context, r record) (int, error) {
	c, found, err := d.engine.inspect(ctx, r.Container)
	if err != nil {
		return 0, err
	}
	if !found || !c.State.Running {
		return 0, driver.ErrNotRunning
	}
	if started, err := d.marked(r.place()); err != nil {
		return 0, err
	} else if !started {
		return 0, driver.ErrNotRunning
	}
	return c.State.Pid, nil
}
