package stopbell

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

const (
	channel  = "atrium:chat:stop"
	patience = time.Second
)

// Bell implements turn.Bell.
type Bell struct {
	log   *slog.Logger
	redis *redis.Client
}

// New makes a bell.
func New(log *slog.Logger, r *redis.Client) *Bell { return &Bell{log: log, redis: r} }

// Ring tells every process to stop the answers that it writes.
func (b *Bell) Ring(ctx context.Context, answers []uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err := b.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range answers {
			p.Publish(ctx, channel, id.String())
		}
		return nil
	})
	if err != nil {
		b.log.DebugContext(ctx, "stop not rung; the turn sees it in the store", "error", err)
	}
}

// Listen calls halt for every answer that is rung for, until ctx ends.
func (b *Bell) Listen(ctx context.Context, halt func(uuid.UUID) bool) {
	heard := b.redis.Subscribe(ctx, channel)
	defer func() { _ = heard.Close() }() // nothing is left to be done about it
	for {
		select {
		case message, open := <-heard.Channel():
			if !open {
				return
			}
			if id, err := uuid.Parse(message.Payload); err == nil {
				halt(id)
			}
		case <-ctx.Done():
			return
		}
	}
}
