package session

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/proto/cachekey"
)

// recheck is how often the credentials of open streams are looked at again. A
// revocation whose message got lost has closed its streams within 5 seconds.
const recheck = 3 * time.Second

// Follow closes streams as revocations are published, until ctx ends. The
// subscription renews itself after Redis was away; what was published
// meanwhile is lost, so from then on the cache is doubted for a while.
func (s *Streams) Follow(ctx context.Context, store *Store, log *slog.Logger) {
	subscription := store.redis.Subscribe(ctx, cachekey.RevokedChannel)
	defer subscription.Close()
	events := subscription.ChannelWithSubscriptions()
	for subscribed := false; ; {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-events:
			if !ok {
				return
			}
			store.Forget()
			switch event := event.(type) {
			case *redis.Subscription:
				if subscribed {
					store.doubt()
				}
				subscribed = true
			case *redis.Message:
				s.endAll(ctx, event.Payload, log)
			}
		}
	}
}

func (s *Streams) endAll(ctx context.Context, payload string, log *slog.Logger) {
	var ids []uuid.UUID
	if err := json.Unmarshal([]byte(payload), &ids); err != nil {
		log.WarnContext(ctx, "unreadable revocation", "error", err)
		return
	}
	for _, id := range ids {
		s.End(id)
	}
}

// Recheck closes the streams of credentials that ended without a message,
// until ctx ends.
func (s *Streams) Recheck(ctx context.Context, store *Store, log *slog.Logger) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, id := range store.ended(ctx, s.credentials()) {
			log.InfoContext(ctx, "streams of an ended session closed", "session_id", id)
			s.End(id)
		}
	}
}
