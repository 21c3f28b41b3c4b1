package livebus

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/services/chat/internal/live"
)

const (
	prefix = "atrium:chat:live:"
	// unread is how many news somebody may leave before they are cut off.
	unread = 256
	// patience bounds a call to Redis.
	patience = time.Second
)

// Bus implements live.Bus.
type Bus struct {
	log   *slog.Logger
	redis *redis.Client

	mu       sync.Mutex
	watchers map[uuid.UUID]map[*watcher]struct{}
}

type watcher struct{ news chan live.News }

// New makes a bus that hears only this process until Listen.
func New(log *slog.Logger, r *redis.Client) *Bus {
	return &Bus{log: log, redis: r, watchers: map[uuid.UUID]map[*watcher]struct{}{}}
}

// Publish tells this process at once, and the others through Redis.
func (b *Bus) Publish(ctx context.Context, user uuid.UUID, n live.News) {
	b.tell(user, n)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := b.redis.Publish(ctx, prefix+user.String(), n.Conversation.String()+" "+n.Answer.String()).Err(); err != nil {
		b.log.DebugContext(ctx, "news of a conversation does not reach other replicas", "error", err)
	}
}

// Listen passes on what any replica publishes, until ctx ends. What this one
// has published comes a second time, which does no harm.
func (b *Bus) Listen(ctx context.Context) {
	heard := b.redis.PSubscribe(ctx, prefix+"*")
	defer func() { _ = heard.Close() }() // nothing is left to be done about it
	for {
		select {
		case <-ctx.Done():
			return
		case message, open := <-heard.Channel():
			if !open {
				return
			}
			user, err := uuid.Parse(strings.TrimPrefix(message.Channel, prefix))
			conv, answer, _ := strings.Cut(message.Payload, " ")
			var n live.News
			if err == nil {
				n.Conversation, err = uuid.Parse(conv)
			}
			if err == nil {
				n.Answer, err = uuid.Parse(answer)
			}
			if err == nil {
				b.tell(user, n)
			}
		}
	}
}

// Subscribe gives a user's news from now on.
func (b *Bus) Subscribe(user uuid.UUID) (<-chan live.News, func()) {
	w := &watcher{news: make(chan live.News, unread)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers[user] == nil {
		b.watchers[user] = map[*watcher]struct{}{}
	}
	b.watchers[user][w] = struct{}{}
	return w.news, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.remove(user, w)
	}
}

func (b *Bus) tell(user uuid.UUID, n live.News) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watchers[user] {
		select {
		case w.news <- n:
		default:
			close(w.news) // they are removed, so nobody sends to it any more
			b.remove(user, w)
		}
	}
}

func (b *Bus) remove(user uuid.UUID, w *watcher) {
	delete(b.watchers[user], w)
	if len(b.watchers[user]) == 0 {
		delete(b.watchers, user)
	}
}
