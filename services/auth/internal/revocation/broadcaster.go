package revocation

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/proto/cachekey"
	"atrium.internal/services/auth/internal/session"
)

const (
	// tombstone is how long an ended session stays marked: longer than a cache
	// entry filled just before can live.
	tombstone = 5 * time.Minute
	// patience bounds a call to Redis; the caller has been answered for by then.
	patience = time.Second
)

// Broadcaster implements session.Notifier.
type Broadcaster struct {
	log   *slog.Logger
	redis redis.Cmdable
}

// New makes a broadcaster.
func New(log *slog.Logger, r redis.Cmdable) *Broadcaster { return &Broadcaster{log: log, redis: r} }

// Ended marks the sessions in the gateways' cache, then tells the gateways, so
// that none of them can fill its cache again in between.
func (b *Broadcaster) Ended(ctx context.Context, sessions []session.Ended) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := b.send(ctx, sessions); err != nil {
		b.log.WarnContext(ctx, "ended sessions not broadcast", "sessions", len(sessions), "error", err)
	}
}

func (b *Broadcaster) send(ctx context.Context, sessions []session.Ended) error {
	_, err := b.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, s := range sessions {
			for _, key := range keys(s) {
				p.Set(ctx, key, cachekey.Revoked, tombstone)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.publish(ctx, sessions)
}

// publish makes the gateways close the open streams.
func (b *Broadcaster) publish(ctx context.Context, sessions []session.Ended) error {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID.String()
	}
	message, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return b.redis.Publish(ctx, cachekey.RevokedChannel, message).Err()
}
