package eventlog

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/turn"
)

// Recall gives the text that an answer's stream holds and its last number, as
// far as the numbers go without a gap and the entries are what was written.
func (h *Hub) Recall(ctx context.Context, a turn.Answer) (string, int64, error) {
	c, err := h.codec(ctx, a)
	if err != nil {
		return "", 0, err
	}
	var text strings.Builder
	var last int64
	for {
		page, err := h.client.XRangeN(ctx, key(a.ID), entryID(last+1), "+", atOnce).Result()
		if err != nil {
			return "", 0, err
		}
		for _, m := range page {
			e, err := c.decode(m)
			if errors.Is(err, seal.ErrUnreadable) {
				return text.String(), last, nil
			}
			if err != nil {
				return "", 0, err
			}
			if e.Seq != last+1 {
				return text.String(), last, nil
			}
			last = e.Seq
			text.WriteString(e.Text)
		}
		if len(page) < atOnce {
			return text.String(), last, nil
		}
	}
}

// Conclude adds the end to an orphan's stream, unless it has one.
func (h *Hub) Conclude(ctx context.Context, a turn.Answer, last int64) error {
	c, err := h.codec(ctx, a)
	if err != nil {
		return err
	}
	stream := key(a.ID)
	_, err = h.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.XAdd(ctx, &redis.XAddArgs{
			Stream: stream, ID: entryID(last + 1), NoMkStream: true, Values: c.encode(turn.Event{Seq: last + 1, Kind: turn.End}),
		})
		p.Expire(ctx, stream, retention)
		return nil
	})
	if isBehind(err) {
		return nil
	}
	return err
}
