package workspace

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// What tells work from an editor that is merely open. Seen of code-server 4.139:
// with a browser connected and nobody typing it carries 5 to 42 bytes a second
// and takes 15 to 45 thousandths of a core on a busy machine. A key every two
// seconds carries 130 to 190 bytes a second in a file, 60 in a terminal.
const (
	// idleTraffic is how many bytes a second all connections of a workspace carry,
	// in both directions, without anybody at work.
	idleTraffic = 100
	// idleProcessor is how many thousandths of a core an idle sandbox takes.
	idleProcessor = 100
	// shortestLook is what a rate is measured over at least.
	shortestLook = 5 * time.Second
)

// use is what is known of how a sandbox is used.
type use struct {
	// carried counts the bytes of all connections so far.
	carried atomic.Int64
	// open counts the connections there are.
	open atomic.Int64
	// typed says that keys were typed into a terminal since the last look: a few
	// bytes, but never anything else than somebody at work.
	typed atomic.Bool
	// before is what the reconciler saw at its last look.
	before struct {
		carried int64
		at      time.Time
		stats   driver.Stats
	}
	working why
	// processor is how many thousandths of a core it took before that look.
	processor int64
}

// why says what keeps a workspace from being idle.
type why uint8

const (
	nobody why = iota
	// people type, or watch a program print.
	people
	// programs compute.
	programs
)

// atWork reports whether, since the last look, somebody worked in a workspace
// or a program in it did. An open page alone is no work. What can't be measured
// counts as work: nothing is stopped on a guess.
func (m *Manager) atWork(ctx context.Context, id uuid.UUID) bool {
	m.mu.Lock()
	s, ok := m.sandboxes[id]
	var h driver.Handle
	if ok {
		h = s.handle
	}
	m.mu.Unlock()
	if !ok {
		return false
	}
	stats, err := m.Driver.Stats(ctx, h)
	if err != nil {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now, u := m.Now(), &s.use
	gap := now.Sub(u.before.at)
	if gap < shortestLook {
		return u.working != nobody
	}
	first := u.before.at.IsZero()
	carried, typed := u.carried.Load(), u.typed.Swap(false)
	if !first {
		u.processor = int64((stats.CPUTime - u.before.stats.CPUTime) * 1000 / gap)
	}
	switch {
	case typed:
		u.working = people
	case first:
		u.working = nobody
	case carried-u.before.carried > int64(idleTraffic*gap.Seconds()):
		u.working = people
	case u.processor > idleProcessor:
		u.working = programs
	default:
		u.working = nobody
	}
	u.before.carried, u.before.at, u.before.stats = carried, now, stats
	return u.working != nobody
}

// stopsAt is when a running workspace stops if nobody works in it from now on.
func (m *Manager) stopsAt(w Workspace) time.Time {
	at := w.LastAccessed.Add(m.settings.AutostopAfter)
	if w.KeepUntil.After(at) {
		return w.KeepUntil
	}
	return at
}

// AutostopAt is when a running workspace stops unless somebody works in it.
func (m *Manager) AutostopAt(w Workspace) (at time.Time, ok bool) {
	if w.Status != Running {
		return time.Time{}, false
	}
	return m.stopsAt(w), true
}

// Reason says why a workspace is in its status; for a running one, what keeps it
// from being stopped.
func (m *Manager) Reason(w Workspace) Reason {
	if w.Status != Running {
		return w.StatusReason
	}
	m.mu.Lock()
	working := nobody
	if s, ok := m.sandboxes[w.ID]; ok {
		working = s.use.working
	}
	m.mu.Unlock()
	switch {
	case working == people:
		return inUse
	case working == programs:
		return programRuns
	case m.Now().Before(w.KeepUntil):
		return keptRunning
	}
	return notInUse
}
