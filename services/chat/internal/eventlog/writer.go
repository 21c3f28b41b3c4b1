package eventlog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/services/chat/internal/turn"
)

// restFor is how long Redis is left alone after a failure, so that a turn
// without it does not wait for it with every token.
const restFor = time.Second

var (
	errResting  = errors.New("redis has just failed")
	errUnsteady = errors.New("the log was lost or changed again and again")
	// errShort says that the stream has fewer entries than were written.
	errShort = errors.New("the log has lost a part")
)

// writer implements turn.Writer for one goroutine.
type writer struct {
	hub    *Hub
	answer turn.Answer
	shown  *memory
	// codec is had with the first event.
	codec *codec
	// stored is the number up to which Redis has the events.
	stored int64
	rest   time.Time
}

// Store appends events to the stream, and before them those that it misses:
// because it was away, or because it has lost the stream, or its last entries,
// since.
func (w *writer) Store(ctx context.Context, events []turn.Event) error {
	if time.Now().Before(w.rest) {
		return errResting
	}
	err := w.store(ctx, events)
	if err != nil {
		w.rest = time.Now().Add(restFor)
	}
	return err
}

func (w *writer) store(ctx context.Context, events []turn.Event) error {
	if w.codec == nil {
		c, err := w.hub.codec(ctx, w.answer)
		if err != nil {
			return err
		}
		w.codec = &c
	}
	const attempts = 3
	for range attempts {
		missing := append(append([]turn.Event(nil), w.shown.from(w.stored)...), events...)
		if len(missing) > 0 && missing[0].Seq <= w.stored { // the tail of events that were stored by a call that failed
			missing = missing[min(w.stored-missing[0].Seq+1, int64(len(missing))):]
		}
		if len(missing) == 0 && w.stored == 0 {
			return nil
		}
		err := w.append(ctx, missing)
		switch {
		case err == nil:
			w.stored += int64(len(missing))
			return nil
		case errors.Is(err, errShort): // Redis has come back older than it was
			if err := w.hub.client.Del(ctx, key(w.answer.ID)).Err(); err != nil {
				return fmt.Errorf("begin the log again: %w", err)
			}
			w.stored = 0
		case errors.Is(err, redis.Nil): // the stream was there and is not any more
			w.stored = 0
		case isBehind(err): // an earlier call got further than its answer
			if w.stored, err = w.hub.last(ctx, w.answer.ID); err != nil {
				return err
			}
		default:
			return fmt.Errorf("append to the log: %w", err)
		}
	}
	return errUnsteady
}

// append adds the events that come after those that are stored, none or more, in
// one round trip. Only the first event of all may make the stream, so that a
// lost one is noticed, and the stream is as long as it should be: it never gets
// shorter by itself.
func (w *writer) append(ctx context.Context, events []turn.Event) error {
	stream := key(w.answer.ID)
	var length *redis.IntCmd
	commands, err := w.hub.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, e := range events {
			p.XAdd(ctx, &redis.XAddArgs{
				Stream: stream, ID: entryID(e.Seq), NoMkStream: e.Seq > 1, Values: w.codec.encode(e),
			})
		}
		switch {
		case len(events) == 0:
		case events[len(events)-1].Kind == turn.End:
			p.Expire(ctx, stream, retention)
		case events[0].Seq == 1:
			p.Expire(ctx, stream, abandoned)
		}
		length = p.XLen(ctx, stream)
		return nil
	})
	if err == nil {
		if length.Val() != w.stored+int64(len(events)) {
			return errShort
		}
		return nil
	}
	for _, c := range commands { // the first failure is the telling one
		if c.Err() != nil {
			return c.Err()
		}
	}
	return err
}

// Show gives events to those who follow in this process.
func (w *writer) Show(events []turn.Event) { w.shown.append(events) }

// Abandon lets the stream expire like one that has ended. Should Redis be away,
// it does so later by itself.
func (w *writer) Abandon(ctx context.Context) {
	if err := w.hub.client.Expire(ctx, key(w.answer.ID), retention).Err(); err != nil {
		w.hub.log.DebugContext(ctx, "abandoned log not made to expire", "message_id", w.answer.ID, "error", err)
	}
}

// Close ends the log in this process.
func (w *writer) Close() { w.hub.closeWriter(w.answer.ID, w.shown) }

func isBehind(err error) bool {
	return err != nil && strings.Contains(err.Error(), "equal or smaller than the target stream top item")
}

// last is the newest number in an answer's stream, 0 when there is none.
func (h *Hub) last(ctx context.Context, answer uuid.UUID) (int64, error) {
	newest, err := h.client.XRevRangeN(ctx, key(answer), "+", "-", 1).Result()
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	number, _, _ := strings.Cut(newest[0].ID, "-")
	return strconv.ParseInt(number, 10, 64)
}
