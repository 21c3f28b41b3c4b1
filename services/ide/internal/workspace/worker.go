package workspace

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// worker takes one workspace from what is to what is wanted.
type worker struct {
	// again: something changed since the last look.
	again bool
	// abandon ends the attempt at a start that is under way.
	abandon context.CancelCauseFunc
}

// errSuperseded ends a start because something else is wanted now.
var errSuperseded = errors.New("something else is wanted now")

// kick makes sure that a worker looks at the workspace (again). With supersede
// a start that is under way is given up first.
func (m *Manager) kick(id uuid.UUID, supersede bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.surveyed) == 0 || m.base.Err() != nil {
		return
	}
	if w, ok := m.workers[id]; ok {
		w.again = true
		if supersede && w.abandon != nil {
			w.abandon(errSuperseded)
		}
		return
	}
	w := &worker{again: true}
	m.workers[id] = w
	m.tasks.Go(func() { m.work(id, w) })
}

// work runs until nothing is left to do, or until a step fails in a way that
// only trying later can help, which the reconciler does.
func (m *Manager) work(id uuid.UUID, self *worker) {
	for m.next(id, self) {
		settled, err := m.step(m.base, id, self)
		if m.base.Err() != nil {
			err = m.base.Err()
		}
		if err != nil {
			m.mu.Lock()
			delete(m.workers, id)
			m.mu.Unlock()
			if m.base.Err() == nil {
				m.Log.Error("workspace can't be brought to what is wanted yet", "workspace_id", id, "error", err)
			}
			return
		}
		if !settled {
			m.mu.Lock()
			self.again = true
			m.mu.Unlock()
		}
	}
}

// next takes the request for one more look, or ends the worker.
func (m *Manager) next(id uuid.UUID, self *worker) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !self.again {
		delete(m.workers, id)
		return false
	}
	self.again = false
	return true
}

// step does the next thing for a workspace; settled says nothing was left.
func (m *Manager) step(ctx context.Context, id uuid.UUID, self *worker) (settled bool, err error) {
	if ours, err := m.hold(ctx, id); err != nil || !ours {
		return true, err // whose it is acts, or the reconciler when that one has ended
	}
	w, err := m.Store.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return true, m.clear(ctx, id) // the row went with its user
	}
	if err != nil {
		return false, err
	}
	if !m.hasTold(w.Isolation) {
		return true, nil // the reconciler comes back when its class has answered
	}
	alive, err := m.alive(ctx, id)
	if err != nil {
		return false, err
	}
	switch decide(w, alive) {
	case bringUp:
		return m.attempt(ctx, w, self, m.timed(m.bringUp))
	case takeOver:
		return m.attempt(ctx, w, self, m.takeOver)
	case halt:
		return false, m.halt(ctx, w)
	case mourn:
		return false, m.mourn(ctx, w)
	case erase:
		return true, m.erase(ctx, w)
	}
	if h, ok := m.known(id); ok && alive {
		m.remember(h, true)
	}
	return true, nil
}

// alive asks the driver whether the workspace's sandbox runs. An error means
// that nobody knows, and then nothing may be done about it.
func (m *Manager) alive(ctx context.Context, id uuid.UUID) (bool, error) {
	h, ok := m.known(id)
	if !ok {
		return false, nil
	}
	_, err := m.Driver.Stats(ctx, h)
	if errors.Is(err, driver.ErrNotRunning) {
		return false, nil
	}
	return err == nil, err
}

// attempt runs a start that can be abandoned and is bounded in time. Settled says
// that the workspace runs.
func (m *Manager) attempt(ctx context.Context, w Workspace, self *worker, start func(context.Context, *progress, Workspace) error) (settled bool, err error) {
	ctx, abandon := context.WithCancelCause(ctx)
	defer abandon(nil)
	m.mu.Lock()
	self.abandon = abandon
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		self.abandon = nil
		m.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, m.startTimeout(w))
	defer cancel()

	p := &progress{m: m, id: w.ID, abandon: abandon}
	err = start(ctx, p, w)
	p.end(errors.Is(context.Cause(ctx), errLost))
	superseded := errors.Is(err, errSuperseded) || errors.Is(context.Cause(ctx), errSuperseded) || errors.Is(context.Cause(ctx), errLost)
	if err == nil || superseded || m.base.Err() != nil {
		return err == nil, nil // done, or the next step decides anew, or the next process does
	}
	return false, m.fail(m.base, w, err)
}
