package fakeai

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Call is the record of one request and of what became of its answer.
type Call struct {
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time

	mu     sync.Mutex
	counts Counts
	told   Counts
	final  bool
	sent   string
	status int
	gone   bool
	ended  time.Time
	done   chan struct{}
}

// Counts is what the fake counted so far: the figures it reported, or for a
// stream that broke those it would have reported.
func (c *Call) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// Told is as much of the count as was said on the wire, and whether it was said
// to the end: what a caller can know.
func (c *Call) Told() (told Counts, final bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told, c.final
}

// tell notes what is about to be said on the wire.
func (c *Call) tell(told Counts, final bool) {
	c.set(func(c *Call) { c.told, c.final = told, final })
}

// Sent is the text that went out so far.
func (c *Call) Sent() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

// Status is the HTTP status that was answered.
func (c *Call) Status() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Done is closed when the call has ended.
func (c *Call) Done() <-chan struct{} { return c.done }

// ClientLeft reports whether the client dropped the connection before the
// answer's end. It is final once Done is closed.
func (c *Call) ClientLeft() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

func (c *Call) set(change func(*Call)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// Calls returns every call so far, oldest first.
func (s *Server) Calls() []*Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Call(nil), s.calls...)
}

// Wait returns the nth call, counted from 0, as soon as it has arrived.
func (s *Server) Wait(ctx context.Context, n int) (*Call, error) {
	for {
		s.mu.Lock()
		changed := s.changed
		if n < len(s.calls) {
			defer s.mu.Unlock()
			return s.calls[n], nil
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("call %d did not arrive: %w", n, ctx.Err())
		}
	}
}

// record enters a request and returns its record and what ends it.
func (s *Server) record(r *http.Request, body []byte) (*Call, func()) {
	call := &Call{
		Path:   r.URL.Path,
		Header: r.Header.Clone(),
		Body:   body,
		At:     time.Now(),
		status: http.StatusOK,
		done:   make(chan struct{}),
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	return call, func() {
		call.set(func(c *Call) { c.gone, c.ended = c.gone || r.Context().Err() != nil, time.Now() })
		close(call.done)
	}
}
