package eventlog

import (
	"context"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/services/chat/internal/turn"
)

// followConnections bounds the connections that wait for events of other
// processes' answers. They are apart from the others, which must not wait for
// a free one behind them.
const followConnections = 1000

// Settled tells whether an answer is not being written any more, or is gone.
type Settled interface {
	Settled(ctx context.Context, answer uuid.UUID) (bool, error)
}

// Hub implements turn.Logs.
type Hub struct {
	log     *slog.Logger
	client  *redis.Client
	waiting *redis.Client
	store   Settled
	keys    Keys

	mu      sync.Mutex
	logs    map[uuid.UUID]*shared
	stopped bool
	ctx     context.Context
	stop    context.CancelFunc
	pumps   sync.WaitGroup
	// readers counts all who follow, also those who are not through yet with a
	// log that has ended.
	readers int
}

// shared is a log that this process holds, and how many follow it. One that is
// pumped from Redis goes when the last of them does; one that is written here
// goes when its writer closes it.
type shared struct {
	*memory
	followers int
	pumped    bool
}

// New makes a hub over a Redis client, which stays the caller's.
func New(log *slog.Logger, client *redis.Client, store Settled, keys Keys) *Hub {
	options := *client.Options()
	options.PoolSize = followConnections
	options.MinIdleConns = 0
	options.PushNotificationProcessor = nil // belongs to the other client
	options.MaxRetries = -1                 // the pump tries again itself
	ctx, stop := context.WithCancel(context.Background())
	return &Hub{
		log: log, client: client, waiting: redis.NewClient(&options), store: store, keys: keys,
		logs: map[uuid.UUID]*shared{}, ctx: ctx, stop: stop,
	}
}

// Create begins the log of an answer that this process writes.
func (h *Hub) Create(a turn.Answer) turn.Writer {
	m := newMemory()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.logs[a.ID] = &shared{memory: m}
	return &writer{hub: h, answer: a, shown: m}
}

func (h *Hub) closeWriter(answer uuid.UUID, m *memory) {
	h.mu.Lock()
	if s := h.logs[answer]; s != nil && s.memory == m {
		delete(h.logs, answer)
	}
	h.mu.Unlock()
	m.close()
}

// Open follows an answer's log, wherever it is written.
func (h *Hub) Open(ctx context.Context, a turn.Answer, live bool) (turn.Reader, error) {
	if r := h.join(a.ID); r != nil {
		return r, nil
	}
	if !live { // without a log nothing will come
		if found, err := h.client.Exists(ctx, key(a.ID)).Result(); err != nil || found == 0 {
			return nil, turn.ErrGone
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.logs[a.ID]
	switch {
	case s != nil:
	case h.stopped:
		return nil, turn.ErrGone
	default:
		s = &shared{memory: newMemory(), pumped: true}
		h.logs[a.ID] = s
		h.pumps.Go(func() { h.pump(a, s) })
	}
	return h.follow(s), nil
}

// follow is called with the hub locked.
func (h *Hub) follow(s *shared) turn.Reader {
	s.followers++
	h.readers++
	return &reader{hub: h, shared: s}
}

func (h *Hub) join(answer uuid.UUID) turn.Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.logs[answer]
	if s == nil {
		return nil
	}
	return h.follow(s)
}

// Stop ends every pump and waits for them; who follows gets turn.ErrGone.
func (h *Hub) Stop() error {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.stop()
	err := h.waiting.Close() // wakes those that wait in Redis
	h.pumps.Wait()
	return err
}

// reader implements turn.Reader.
type reader struct {
	hub    *Hub
	shared *shared
	once   sync.Once
}

// Next waits for events after a number.
func (r *reader) Next(ctx context.Context, after int64) ([]turn.Event, error) {
	return r.shared.next(ctx, after)
}

// Close leaves the log.
func (r *reader) Close() {
	r.once.Do(func() {
		r.hub.mu.Lock()
		defer r.hub.mu.Unlock()
		r.shared.followers--
		r.hub.readers--
	})
}

// Readers counts those who follow a log through this process.
func (h *Hub) Readers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.readers
}
