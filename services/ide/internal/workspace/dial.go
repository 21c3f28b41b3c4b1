package workspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// touchEvery bounds how often a connection is written down as activity.
const touchEvery = time.Minute

// Dial connects to a port of a running workspace, 0 for its editor, and counts
// as activity for as long as the connection is open. Who may connect is the
// caller's to know.
func (m *Manager) Dial(ctx context.Context, id uuid.UUID, port int) (net.Conn, error) {
	m.mu.Lock()
	s, ok := m.sandboxes[id]
	if !ok || !s.ready {
		m.mu.Unlock()
		return nil, ErrNotRunning
	}
	h, touch := s.handle, m.Now().Sub(s.touched) >= touchEvery
	if touch {
		s.touched = m.Now()
	}
	s.connections++
	m.mu.Unlock()
	release := sync.OnceFunc(func() { m.release(s) })

	conn, err := m.connect(ctx, h, port)
	if err != nil {
		release()
		if errors.Is(err, driver.ErrNotRunning) {
			m.kick(id, false)
			return nil, ErrNotRunning
		}
		return nil, err
	}
	if touch {
		if err := m.Ledger.Touch(ctx, id, m.Now()); err != nil {
			m.Log.ErrorContext(ctx, "activity can't be noted", "workspace_id", id, "error", err)
		}
	}
	return &countedConn{Conn: conn, release: release}, nil
}

func (m *Manager) connect(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	if port == 0 {
		return m.Driver.Dial(ctx, h)
	}
	ports, ok := m.Driver.(driver.Ports)
	if !ok {
		return nil, ErrPorts
	}
	conn, err := ports.DialPort(ctx, h, port)
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
	m.mu.Lock()
	s, ok := m.sandboxes[id]
	ready := ok && s.ready
	var h driver.Handle
	if ready {
		h = s.handle
	}
	m.mu.Unlock()
	if !ready {
		return Workspace{}, nil, ErrNotRunning
	}
	ports, ok := m.Driver.(driver.Ports)
	if !ok {
		return Workspace{}, nil, ErrPorts
	}
	listening, err := ports.Ports(ctx, h)
	if errors.Is(err, driver.ErrNotRunning) {
		return Workspace{}, nil, ErrNotRunning
	}
	return w, listening, err
}

func (m *Manager) release(s *sandbox) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.connections--
}

// countedConn is a connection that is counted until it is closed.
type countedConn struct {
	net.Conn
	release func()
}

func (c *countedConn) Close() error {
	c.release()
	return c.Conn.Close()
}

// CloseWrite passes the end of one direction on, for connections that have it.
func (c *countedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
