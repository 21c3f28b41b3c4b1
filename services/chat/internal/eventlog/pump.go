package eventlog

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/turn"
)

const (
	// blockFor is how long one wait for new entries takes; between waits the
	// pump looks whether anybody still follows and the answer still grows.
	blockFor = time.Second
	// atOnce bounds one read.
	atOnce = 1024
)

var errGap = errors.New("the log has a gap")

// pump copies an answer's stream from Redis into memory until its end, until
// nobody follows, or until there is nothing more to come. An entry that is not
// what was written ends it too: what followers then get is the store's.
func (h *Hub) pump(a turn.Answer, s *shared) {
	defer s.close()
	var c codec
	var last int64
	settled := false
	for !h.abandon(a.ID, s) {
		wait := blockFor
		if settled {
			wait = -1 // a last look without waiting
		}
		events, err := h.read(&c, a, last, wait)
		if errors.Is(err, errGap) || errors.Is(err, seal.ErrUnreadable) {
			break
		}
		if len(events) > 0 {
			s.append(events)
			last += int64(len(events))
			if events[len(events)-1].Kind == turn.End {
				break
			}
			continue
		}
		if settled {
			break
		}
		if err != nil && h.ctx.Err() == nil {
			h.log.Debug("answer's log not readable; trying again", "message_id", a.ID, "error", err)
			h.rest()
		}
		settled = h.settled(a.ID)
	}
	h.drop(a.ID, s)
}

// read gives the entries after a number; none when nothing came in time. The
// codec is had with the first read.
func (h *Hub) read(c *codec, a turn.Answer, after int64, wait time.Duration) ([]turn.Event, error) {
	ctx, cancel := context.WithTimeout(h.ctx, blockFor+2*time.Second)
	defer cancel()
	if c.box == nil {
		var err error
		if *c, err = h.codec(ctx, a); err != nil {
			return nil, err
		}
	}
	streams, err := h.waiting.XRead(ctx, &redis.XReadArgs{
		Streams: []string{key(a.ID), entryID(after)}, Count: atOnce, Block: wait,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var events []turn.Event
	for _, m := range streams[0].Messages {
		e, err := c.decode(m)
		if err != nil {
			return nil, err
		}
		if after++; e.Seq != after {
			return nil, errGap
		}
		events = append(events, e)
	}
	return events, nil
}

func (h *Hub) settled(answer uuid.UUID) bool {
	ctx, cancel := context.WithTimeout(h.ctx, 2*time.Second)
	defer cancel()
	done, err := h.store.Settled(ctx, answer)
	return err == nil && done
}

// abandon takes a log that nobody follows out of the hub.
func (h *Hub) abandon(answer uuid.UUID, s *shared) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.followers > 0 && !h.stopped {
		return false
	}
	h.remove(answer, s)
	return true
}

func (h *Hub) drop(answer uuid.UUID, s *shared) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(answer, s)
}

func (h *Hub) remove(answer uuid.UUID, s *shared) {
	if h.logs[answer] == s {
		delete(h.logs, answer)
	}
}

func (h *Hub) rest() {
	timer := time.NewTimer(blockFor)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.ctx.Done():
	}
}
