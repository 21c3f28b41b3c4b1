package chat

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// measures are what the service counts.
type measures struct {
	messages metric.Int64Counter
	gauges   metric.Registration

	mu sync.Mutex
	// answering is how many answers are written in a conversation.
	answering map[uuid.UUID]int
}

func newMeasures(readers func() int) (*measures, error) {
	m := &measures{answering: map[uuid.UUID]int{}}
	meter := otel.Meter(semconv.Scope("chat"))
	var faults [4]error
	m.messages, faults[0] = meter.Int64Counter(semconv.ChatMessages, metric.WithDescription("Messages stored, by role."))
	conversations, fault := meter.Int64ObservableGauge(semconv.ChatConversations,
		metric.WithDescription("Conversations in which this process writes an answer."))
	faults[1] = fault
	following, fault := meter.Int64ObservableGauge(semconv.ChatReaders,
		metric.WithDescription("Connections that follow answers through this process."))
	faults[2] = fault
	m.gauges, faults[3] = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(conversations, m.active())
		o.ObserveInt64(following, int64(readers()))
		return nil
	}, conversations, following)
	if err := errors.Join(faults[:]...); err != nil {
		return nil, fmt.Errorf("metrics of chat: %w", err)
	}
	return m, nil
}

func (m *measures) stored(ctx context.Context, role conversation.Role) {
	m.messages.Add(ctx, 1, metric.WithAttributes(semconv.Role.String(string(role))))
}

func (m *measures) active() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.answering))
}

// countedStore counts the messages that turns store.
type countedStore struct {
	turn.Store
	measures *measures
}

// Ask counts a question and its answer, unless they were stored before.
func (c countedStore) Ask(ctx context.Context, user uuid.UUID, q turn.Question, l turn.Lease) (turn.Pair, bool, error) {
	p, replayed, err := c.Store.Ask(ctx, user, q, l)
	if err == nil && !replayed {
		c.measures.stored(ctx, conversation.User)
		c.measures.stored(ctx, conversation.Assistant)
	}
	return p, replayed, err
}

// AskAgain counts an answer, unless it was stored before.
func (c countedStore) AskAgain(ctx context.Context, user, answer uuid.UUID, model string, l turn.Lease) (turn.Pair, bool, error) {
	p, replayed, err := c.Store.AskAgain(ctx, user, answer, model, l)
	if err == nil && !replayed {
		c.measures.stored(ctx, conversation.Assistant)
	}
	return p, replayed, err
}

// countedTurns knows the conversations that are answered at the moment.
type countedTurns struct {
	turn.Herald
	measures *measures
}

// Began notes a turn.
func (c countedTurns) Began(ctx context.Context, p turn.Pair) {
	m, id := c.measures, p.Assistant.ConversationID
	m.mu.Lock()
	m.answering[id]++
	m.mu.Unlock()
	c.Herald.Began(ctx, p)
}

// Ended forgets it.
func (c countedTurns) Ended(ctx context.Context, p turn.Pair) {
	m, id := c.measures, p.Assistant.ConversationID
	m.mu.Lock()
	if m.answering[id]--; m.answering[id] == 0 {
		delete(m.answering, id)
	}
	m.mu.Unlock()
	c.Herald.Ended(ctx, p)
}
