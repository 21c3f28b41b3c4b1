package turn

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
)

var errDown = errors.New("down")

// world is a turn's surroundings in memory, which break on demand.
type world struct {
	mu sync.Mutex
	// storeDown and logDown break the two places where text is kept.
	storeDown, logDown bool
	stop               bool
	saved              string
	savedAt            time.Time
	checkpoints        int
	settled            *Outcome
	logged, shown      []Event
	closed             bool
	rung               []uuid.UUID
	// onShow is called with what is shown, while it is.
	onShow func(Event)
	chunks chan Chunk
}

func newWorld() *world { return &world{chunks: make(chan Chunk)} }

func (w *world) do(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *world) runner(o Options) *Runner {
	if o.Timeout == 0 {
		o.Timeout = time.Hour
	}
	if o.Drain == 0 {
		o.Drain = time.Minute
	}
	return NewRunner(slog.New(slog.DiscardHandler), w, w, w, w, w, w, o)
}

func (w *world) Ask(_ context.Context, _ uuid.UUID, q Question, _ Lease) (Pair, bool, error) {
	return Pair{
		User:      conversation.Message{ID: uuid.New(), Role: conversation.User, Content: q.Content},
		Assistant: conversation.Message{ID: uuid.New(), Role: conversation.Assistant, Status: conversation.Streaming},
	}, false, nil
}

func (w *world) AskAgain(context.Context, uuid.UUID, uuid.UUID, string, Lease) (Pair, bool, error) {
	return Pair{}, false, errDown
}
func (w *world) Pair(context.Context, uuid.UUID, uuid.UUID) (Pair, error) { return Pair{}, errDown }
func (w *world) RequestStop(context.Context, uuid.UUID) error             { return nil }
func (w *world) History(context.Context, uuid.UUID, uuid.UUID) (History, error) {
	return History{Lines: []Line{{Role: conversation.User, Content: "hello"}}}, nil
}

func (w *world) Pack(_ context.Context, _ Pair, h History) ([]Line, int) { return h.Lines, 0 }

func (w *world) Checkpoint(_ context.Context, _ Answer, _ Lease, text string) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.storeDown {
		return false, errDown
	}
	w.saved, w.savedAt = text, time.Now()
	w.checkpoints++
	return w.stop, nil
}

func (w *world) Settle(_ context.Context, _ Answer, _ Lease, o Outcome) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.storeDown {
		return errDown
	}
	w.settled, w.saved = &o, o.Content
	return nil
}

func (w *world) Orphans(context.Context, Lease, int) ([]Orphan, error) { return nil, nil }
func (w *world) Interrupt(context.Context, Orphan, Lease, Outcome) (bool, error) {
	return false, errDown
}

func (w *world) Create(Answer) Writer                               { return w }
func (w *world) Open(context.Context, Answer, bool) (Reader, error) { return nil, ErrGone }
func (w *world) Recall(context.Context, Answer) (string, int64, error) {
	return "", 0, errDown
}
func (w *world) Conclude(context.Context, Answer, int64) error { return errDown }

func (w *world) Ring(_ context.Context, answers []uuid.UUID) {
	w.do(func() { w.rung = append(w.rung, answers...) })
}

func (w *world) Store(_ context.Context, events []Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.logDown {
		return errDown
	}
	if len(w.logged) < len(w.shown) { // missed, or lost since
		w.logged = append([]Event(nil), w.shown...)
	}
	w.logged = append(w.logged, events...)
	return nil
}

// lost says that neither store has what was shown.
func (w *world) lost() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown := w.text(w.shown)
	return !strings.HasPrefix(w.text(w.logged), shown) && !strings.HasPrefix(w.saved, shown)
}

func (w *world) Show(events []Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range events {
		w.shown = append(w.shown, e)
		if w.onShow != nil {
			w.onShow(e)
		}
	}
}

func (w *world) Name(context.Context, Pair, string) {}

func (w *world) Abandon(context.Context) {}
func (w *world) Close()                  { w.do(func() { w.closed = true }) }

func (w *world) text(events []Event) string {
	var text strings.Builder
	for _, e := range events {
		text.WriteString(e.Text)
	}
	return text.String()
}

func (w *world) Generate(ctx context.Context, _ Prompt) (Stream, error) {
	return receiver(func() (Chunk, error) {
		select {
		case c, more := <-w.chunks:
			if !more {
				return Chunk{}, io.EOF
			}
			return c, nil
		case <-ctx.Done():
			return Chunk{}, ctx.Err()
		}
	}), nil
}

type receiver func() (Chunk, error)

func (r receiver) Recv() (Chunk, error) { return r() }
