package workspace

import (
	"bytes"
	"context"
	"errors"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// within does something with the sandbox of a running workspace, or answers
// ErrNotRunning. What this process knows may be older than what another replica
// has done; so before it refuses it looks at what the database and the driver say.
func (m *Manager) within(ctx context.Context, id uuid.UUID, do func(driver.Handle) error) (*sandbox, error) {
	s, h, ok := m.ready(id)
	if ok {
		if err := do(h); !errors.Is(err, driver.ErrNotRunning) {
			return s, err
		}
		m.kick(id, false)
	}
	before := h
	m.looking.Lock() // many may ask at once, and the first finds it for all
	s, h, ok = m.ready(id)
	var err error
	if !ok || same(h, before) {
		err = m.look(ctx, id)
		s, h, ok = m.ready(id)
	}
	m.looking.Unlock()
	if err != nil {
		return nil, err
	}
	if !ok || same(h, before) {
		return nil, ErrNotRunning
	}
	err = do(h)
	if errors.Is(err, driver.ErrNotRunning) {
		m.kick(id, false)
		return nil, ErrNotRunning
	}
	return s, err
}

// same reports whether two handles lead to the same place.
func same(a, b driver.Handle) bool { return a.ID == b.ID && bytes.Equal(a.State, b.State) }

// ready gives a workspace's sandbox as this process knows it, if it may be dialled.
func (m *Manager) ready(id uuid.UUID) (*sandbox, driver.Handle, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sandboxes[id]
	if !ok || !s.ready {
		return nil, driver.Handle{}, false
	}
	return s, s.handle, true
}

// look finds the sandbox of a workspace that runs by its row, and takes it over as
// the reconciler would at its next look. One that this replica acts on it leaves
// to its worker; a worker that only asks whose it is does not count.
func (m *Manager) look(ctx context.Context, id uuid.UUID) error {
	w, err := m.Store.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return ErrNotRunning
	}
	if err != nil {
		return err
	}
	if w.Status != Running || w.Desired != WantRunning {
		return ErrNotRunning
	}
	handles, silent := m.Driver.List(ctx)
	if err := silent[w.Isolation]; err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, working := m.workers[id]
	_, ours := m.leases[id]
	for _, h := range handles {
		if h.WorkspaceID == id && h.Running && (!working || !ours) {
			m.adopt(h, true)
		}
	}
	return nil
}

// adopt notes a sandbox that the driver has listed. Whoever calls it holds mu.
func (m *Manager) adopt(h driver.Handle, ready bool) {
	s, known := m.sandboxes[h.WorkspaceID]
	if !known {
		m.sandboxes[h.WorkspaceID] = &sandbox{handle: h, ready: ready}
		return
	}
	s.handle, s.ready = h, s.ready || ready
}
