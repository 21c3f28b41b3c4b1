package eventlog

import (
	"context"
	"sync"

	"atrium.internal/services/chat/internal/turn"
)

// memory is an answer's events in this process: number n is at index n-1. It
// only grows, so that followers read slices of it without copying.
type memory struct {
	mu      sync.Mutex
	events  []turn.Event
	closed  bool
	changed chan struct{} // closed and replaced with every change
}

func newMemory() *memory { return &memory{changed: make(chan struct{})} }

func (m *memory) append(events []turn.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, events...)
	m.wake()
}

func (m *memory) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.wake()
}

func (m *memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// from gives the events after a number that are there now.
func (m *memory) from(after int64) []turn.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events[min(after, int64(len(m.events))):]
}

// next waits for events after a number.
func (m *memory) next(ctx context.Context, after int64) ([]turn.Event, error) {
	for {
		m.mu.Lock()
		events, closed, changed := m.events, m.closed, m.changed
		m.mu.Unlock()
		if n := int64(len(events)); n > after {
			return events[after:n:n], nil
		}
		if closed {
			return nil, turn.ErrGone
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
