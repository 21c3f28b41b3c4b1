package directory

import (
	"context"
	"net"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/unixsock"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// Dial connects to the editor's socket, which lies in a folder that the
// workspace can write to. Besides what unixsock checks, the process at the
// other end must run under the workspace's uid.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	if !r.Process.alive() {
		return nil, driver.ErrNotRunning
	}
	conn, err := unixsock.Dial(ctx, r.SocketDir, vscode.SocketName, r.UID)
	if err != nil {
		return nil, err
	}
	if err := unixsock.CheckPeer(conn, r.UID); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
