package redisstore

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// channel carries the ids of workspaces that have news.
const channel = "ide:news"

// Bus carries news between replicas, and within this process without Redis.
type Bus struct {
	client *redis.Client
	log    *slog.Logger

	stop context.CancelFunc
	done chan struct{}

	// self tells this process's own news from that of others.
	self   uuid.UUID
	others chan uuid.UUID

	mu       sync.Mutex
	watchers map[uuid.UUID]map[chan struct{}]struct{}
}

// NewBus makes a bus that hears only this process until Start.
func NewBus(client *redis.Client, log *slog.Logger) *Bus {
	return &Bus{client: client, log: log, self: uuid.New(), others: make(chan uuid.UUID, 64), watchers: map[uuid.UUID]map[chan struct{}]struct{}{}}
}

// Start listens for other replicas. The client connects again by itself after
// Redis was away.
func (b *Bus) Start() {
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.done = stop, make(chan struct{})
	subscription := b.client.Subscribe(ctx, channel)
	go func() {
		defer close(b.done)
		defer subscription.Close()
		messages := subscription.Channel()
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-messages:
				if !ok {
					return
				}
				b.receive(m.Payload)
			}
		}
	}()
}

// Stop ends listening.
func (b *Bus) Stop() {
	if b.stop != nil {
		b.stop()
		<-b.done
	}
}

// Publish tells everybody who watches the workspace.
func (b *Bus) Publish(ctx context.Context, id uuid.UUID) {
	b.wake(id)
	if err := b.client.Publish(ctx, channel, id.String()+" "+b.self.String()).Err(); err != nil {
		b.log.DebugContext(ctx, "news does not reach other replicas", "workspace_id", id, "error", err)
	}
}

// receive takes "<workspace> <process>".
func (b *Bus) receive(payload string) {
	workspace, process, _ := strings.Cut(payload, " ")
	id, err := uuid.Parse(workspace)
	if err != nil || process == b.self.String() {
		return // it was told here before it was sent
	}
	b.wake(id)
	select {
	case b.others <- id:
	default: // whoever should act looks by itself every few seconds
	}
}

// Others gives the workspaces of which other processes have news.
func (b *Bus) Others() <-chan uuid.UUID { return b.others }

// Subscribe gives a channel that holds one unread piece of news at most.
func (b *Bus) Subscribe(id uuid.UUID) (<-chan struct{}, func()) {
	news := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers[id] == nil {
		b.watchers[id] = map[chan struct{}]struct{}{}
	}
	b.watchers[id][news] = struct{}{}
	return news, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers[id], news)
		if len(b.watchers[id]) == 0 {
			delete(b.watchers, id)
		}
	}
}

func (b *Bus) wake(id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for news := range b.watchers[id] {
		select {
		case news <- struct{}{}:
		default: // unread news is there already
		}
	}
}
