package live

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// followed bounds the answers that one watcher follows at once.
const followed = 32

// Conversations reads a user's conversations.
type Conversations interface {
	// Get answers conversation.ErrNotFound.
	Get(ctx context.Context, user, id uuid.UUID) (conversation.Conversation, error)
}

// Answers follows answers.
type Answers interface {
	// Follow calls emit with every event of an answer after a number, to its end.
	Follow(ctx context.Context, user, answer uuid.UUID, after int64, emit func(turn.Shown) error) error
}

// Running finds answers that are being written.
type Running interface {
	// Running gives a user's, with their conversations.
	Running(ctx context.Context, user uuid.UUID, limit int) ([]News, error)
}

// Watcher turns news into what is shown.
type Watcher struct {
	Bus           Bus
	Conversations Conversations
	Answers       Answers
	Running       Running
}

// Item is something to show; exactly one of its fields is set, beside an
// event's own ids.
type Item struct {
	Conversation *conversation.Conversation
	// Deleted is a conversation that is gone.
	Deleted uuid.UUID
	Event   *Event
}

// Event is one of an answer.
type Event struct {
	Conversation, Answer uuid.UUID
	Shown                turn.Shown
}

// Watch emits what changes in a user's conversations until ctx ends, and first
// what is being written already. ready is called once nothing can be missed any
// more. It answers ErrSlow, and what emit does.
func (w *Watcher) Watch(ctx context.Context, user uuid.UUID, ready func() error, emit func(Item) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := &watch{Watcher: w, user: user, emit: emit, fail: cancel, following: map[uuid.UUID]bool{}}
	defer watch.answers.Wait()
	defer cancel(nil)
	news, release := w.Bus.Subscribe(user)
	defer release()
	running, err := w.Running.Running(ctx, user, followed)
	if err != nil {
		return err
	}
	if err := ready(); err != nil {
		return err
	}
	for _, n := range running {
		watch.follow(ctx, n)
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case n, ok := <-news:
			if !ok {
				return ErrSlow
			}
			if err := watch.tell(ctx, n); err != nil {
				return err
			}
		}
	}
}

// watch is one watcher's watching.
type watch struct {
	*Watcher
	user uuid.UUID
	fail context.CancelCauseFunc

	mu        sync.Mutex
	emit      func(Item) error
	following map[uuid.UUID]bool
	answers   sync.WaitGroup
}

func (w *watch) show(item Item) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.emit(item)
}

func (w *watch) tell(ctx context.Context, n News) error {
	c, err := w.Conversations.Get(ctx, w.user, n.Conversation)
	switch {
	case errors.Is(err, conversation.ErrNotFound):
		return w.show(Item{Deleted: n.Conversation})
	case err != nil:
		return err
	}
	if err := w.show(Item{Conversation: &c}); err != nil {
		return err
	}
	w.follow(ctx, n)
	return nil
}

// follow shows an answer's events beside all else. An answer that can't be
// followed any more is read from the store by whoever shows it.
func (w *watch) follow(ctx context.Context, n News) {
	w.mu.Lock()
	begin := n.Answer != uuid.Nil && !w.following[n.Answer] && len(w.following) < followed
	if begin {
		w.following[n.Answer] = true
	}
	w.mu.Unlock()
	if !begin {
		return
	}
	w.answers.Go(func() {
		var failed error
		_ = w.Answers.Follow(ctx, w.user, n.Answer, 0, func(s turn.Shown) error {
			failed = w.show(Item{Event: &Event{Conversation: n.Conversation, Answer: n.Answer, Shown: s}})
			return failed
		})
		w.mu.Lock()
		delete(w.following, n.Answer)
		w.mu.Unlock()
		if failed != nil {
			w.fail(failed)
		}
	})
}
