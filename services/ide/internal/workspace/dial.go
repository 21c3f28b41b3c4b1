package workspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Dial connects to a port of a running workspace, 0 for its editor. What the
// connection carries is counted: it tells whether somebody is at work. Who may
// connect is the caller's to know.
func (m *Manager) Dial(ctx context.Context, id uuid.UUID, port int) (net.Conn, error) {
	var conn net.Conn
	s, err := m.within(ctx, id, func(h driver.Handle) (err error) { conn, err = m.connect(ctx, h, port); return err })
	if err != nil {
		return nil, err
	}
	s.use.open.Add(1)
	return &countedConn{Conn: conn, use: &s.use}, nil
}

func (m *Manager) connect(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	if port == 0 {
		return m.Driver.Dial(ctx, h)
	}
	conn, err := m.Driver.DialPort(ctx, h, port)
	if errors.Is(err, driver.ErrNoPorts) {
		return nil, ErrPorts
	}
	if errors.Is(err, driver.ErrPortClosed) {
		return nil, ErrPortClosed.WithMessage(fmt.Sprintf("Nothing listens on port %d of this workspace. Start your program and try again.", port)).WithCause(err)
	}
	return conn, err
}

// Ports gives what listens in a running workspace of the owner's.
func (m *Manager) Ports(ctx context.Context, owner, id uuid.UUID) (Workspace, []driver.Port, error) {
	w, err := m.Get(ctx, owner, id)
	if err != nil {
		return Workspace{}, nil, err
	}
	var listening []driver.Port
	_, err = m.within(ctx, id, func(h driver.Handle) (err error) { listening, err = m.Driver.Ports(ctx, h); return err })
	if errors.Is(err, driver.ErrNoPorts) {
		return Workspace{}, nil, ErrPorts
	}
	return w, listening, err
}

// countedConn is a connection whose bytes are counted.
type countedConn struct {
	net.Conn
	use    *use
	closed sync.Once
}

func (c *countedConn) Close() error {
	c.closed.Do(func() { c.use.open.Add(-1) })
	return c.Conn.Close()
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.use.carried.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.use.carried.Add(int64(n))
	return n, err
}

// CloseWrite passes the end of one direction on, for connections that have it.
func (c *countedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
