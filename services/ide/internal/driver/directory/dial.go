package directory

import (
	"context"
	"errors"
	"io/fs"
	"net"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/keeper"
	"atrium.internal/services/ide/internal/driver/unixsock"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Dial connects to the editor's socket.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	return r.dial(ctx, vscode.SocketName)
}

// Terminal asks the keeper, if the sandbox was started with one.
func (d *Driver) Terminal(ctx context.Context, h driver.Handle, t driver.Terminal) (driver.Shell, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	shell, err := r.keeper().Terminal(ctx, t)
	return shell, absent(err)
}

// Execute asks the keeper likewise.
func (d *Driver) Execute(ctx context.Context, h driver.Handle, c driver.Command, output func([]byte)) (int, error) {
	r, err := decode(h.State)
	if err != nil {
		return 0, err
	}
	exit, err := r.keeper().Run(ctx, c, output)
	return exit, absent(err)
}

func (r record) keeper() keeper.Client {
	return keeper.Client{Dial: func(ctx context.Context) (net.Conn, error) { return r.dial(ctx, keeper.SocketName) }, Lends: true}
}

// absent names a sandbox without a keeper.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return driver.ErrNoTerminals
	}
	return err
}

// dial connects to a socket in a folder that the workspace can write to. Besides
// what unixsock checks, the process at the other end must run under the
// workspace's uid.
func (r record) dial(ctx context.Context, name string) (net.Conn, error) {
	if !r.Process.alive() {
		return nil, driver.ErrNotRunning
	}
	conn, err := unixsock.Dial(ctx, r.SocketDir, name, r.UID)
	if err != nil {
		return nil, err
	}
	if err := unixsock.CheckPeer(conn, r.UID); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
