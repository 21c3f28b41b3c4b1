package session

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/proto/cachekey"
)

// Streams knows the open streams of each session, so that they end with it.
type Streams struct {
	mu   sync.Mutex
	open map[uuid.UUID]map[*context.CancelFunc]struct{}
}

// NewStreams returns an empty index.
func NewStreams() *Streams {
	return &Streams{open: map[uuid.UUID]map[*context.CancelFunc]struct{}{}}
}

// Bind gives a context that ends when the session does. The caller must call
// release when its stream is over.
func (s *Streams) Bind(ctx context.Context, session uuid.UUID) (bound context.Context, release func()) {
	bound, cancel := context.WithCancel(ctx)
	key := &cancel
	s.mu.Lock()
	if s.open[session] == nil {
		s.open[session] = map[*context.CancelFunc]struct{}{}
	}
	s.open[session][key] = struct{}{}
	s.mu.Unlock()
	return bound, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open[session], key)
		if len(s.open[session]) == 0 {
			delete(s.open, session)
		}
	}
}

// End closes the streams of a session.
func (s *Streams) End(session uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for cancel := range s.open[session] {
		(*cancel)()
	}
}

// Follow closes streams as revocations are published, until ctx ends. The
// subscription renews itself after Redis was away.
func (s *Streams) Follow(ctx context.Context, client *redis.Client, log *slog.Logger) {
	subscription := client.Subscribe(ctx, cachekey.RevokedChannel)
	defer subscription.Close()
	messages := subscription.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case message, ok := <-messages:
			if !ok {
				return
			}
			var ids []uuid.UUID
			if err := json.Unmarshal([]byte(message.Payload), &ids); err != nil {
				log.WarnContext(ctx, "unreadable revocation", "error", err)
				continue
			}
			for _, id := range ids {
				s.End(id)
			}
		}
	}
}
