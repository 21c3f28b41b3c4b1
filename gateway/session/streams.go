package session

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// Streams knows the open streams of each session and API token, so that they
// end with it.
type Streams struct {
	mu   sync.Mutex
	open map[uuid.UUID]*streams
}

// streams are those of one credential.
type streams struct {
	credential Credential
	cancels    map[*context.CancelFunc]struct{}
}

// NewStreams returns an empty index.
func NewStreams() *Streams {
	return &Streams{open: map[uuid.UUID]*streams{}}
}

// Bind gives a context that ends when the session does. The caller must call
// release when its stream is over.
func (s *Streams) Bind(ctx context.Context, session uuid.UUID) (bound context.Context, release func()) {
	return s.BindTo(ctx, Credential{id: session})
}

// BindTo is Bind for any credential.
func (s *Streams) BindTo(ctx context.Context, c Credential) (bound context.Context, release func()) {
	bound, cancel := context.WithCancel(ctx)
	key := &cancel
	s.mu.Lock()
	if s.open[c.id] == nil {
		s.open[c.id] = &streams{credential: c, cancels: map[*context.CancelFunc]struct{}{}}
	}
	s.open[c.id].cancels[key] = struct{}{}
	s.mu.Unlock()
	return bound, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		of := s.open[c.id]
		delete(of.cancels, key)
		if len(of.cancels) == 0 {
			delete(s.open, c.id)
		}
	}
}

// End closes the streams of a session or token.
func (s *Streams) End(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.open[id]; of != nil {
		for cancel := range of.cancels {
			(*cancel)()
		}
	}
}

// credentials are those with open streams.
func (s *Streams) credentials() []Credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Credential, 0, len(s.open))
	for _, of := range s.open {
		all = append(all, of.credential)
	}
	return all
}
