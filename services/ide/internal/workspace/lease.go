package workspace

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// leaseFor is how long a replica that is gone keeps others from a workspace.
// With a reconciler's interval on top it stays below the minute within which
// everything must be what it shall be again.
const leaseFor = 30 * time.Second

// Leases say which of several ide services may act on a workspace. One that
// ends without a word loses its leases when they expire.
type Leases interface {
	// Hold takes or prolongs a lease; ok is false while another holds it.
	Hold(ctx context.Context, workspace, holder uuid.UUID, lasts time.Duration) (ok bool, err error)
	// Renew prolongs those leases that are still the holder's and gives them.
	Renew(ctx context.Context, workspaces []uuid.UUID, holder uuid.UUID, lasts time.Duration) ([]uuid.UUID, error)
	Release(ctx context.Context, workspaces []uuid.UUID, holder uuid.UUID) error
}

// errLost ends an attempt at a start because another replica may act by now.
var errLost = errors.New("another replica has the workspace")

// hold takes a workspace for this replica, or keeps it.
func (m *Manager) hold(ctx context.Context, id uuid.UUID) (bool, error) {
	asked := time.Now() // the lease begins later than this
	ok, err := m.Leases.Hold(ctx, id, m.settings.Replica, m.settings.LeaseFor)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
		return false, err
	case ok:
		m.leases[id] = asked.Add(m.settings.LeaseFor)
	default:
		delete(m.leases, id)
	}
	return ok, nil
}

// keepLeases prolongs the leases of what this replica works on or runs, and
// lets the others go.
func (m *Manager) keepLeases(ctx context.Context) {
	m.mu.Lock()
	var keep, drop []uuid.UUID
	for id := range m.leases {
		_, runs := m.sandboxes[id]
		if _, busy := m.workers[id]; busy || runs {
			keep = append(keep, id)
		} else {
			drop = append(drop, id)
			delete(m.leases, id)
		}
	}
	m.mu.Unlock()
	if len(drop) > 0 {
		if err := m.Leases.Release(ctx, drop, m.settings.Replica); err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "leases can't be released; they expire", "error", err)
		}
	}
	if len(keep) == 0 {
		return
	}
	asked := time.Now()
	kept, err := m.Leases.Renew(ctx, keep, m.settings.Replica, m.settings.LeaseFor)
	if err != nil && ctx.Err() == nil {
		m.Log.ErrorContext(ctx, "leases can't be renewed", "error", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range kept {
		m.leases[id] = asked.Add(m.settings.LeaseFor)
	}
	for _, id := range keep {
		if time.Now().Before(m.leases[id]) && (err != nil || m.leases[id].After(asked)) {
			continue
		}
		delete(m.leases, id)
		if w, ok := m.workers[id]; ok && w.abandon != nil {
			w.abandon(errLost)
		}
	}
}

// releaseLeases gives all up when this process ends, so that the next one, or
// another, need not wait.
func (m *Manager) releaseLeases(ctx context.Context) {
	m.mu.Lock()
	var all []uuid.UUID
	for id := range m.leases {
		all = append(all, id)
	}
	clear(m.leases)
	m.mu.Unlock()
	if len(all) == 0 {
		return
	}
	if err := m.Leases.Release(ctx, all, m.settings.Replica); err != nil {
		m.Log.WarnContext(ctx, "leases can't be released; they expire", "error", err)
	}
}

// hear does what other replicas were asked to do with workspaces of this one.
func (m *Manager) hear() {
	for {
		select {
		case <-m.base.Done():
			return
		case id := <-m.Bus.Others():
			w, err := m.Store.Get(m.base, id)
			m.kick(id, err == nil && (w.Desired != WantRunning || w.Restart))
		}
	}
}
