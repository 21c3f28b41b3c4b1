package turn

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/conversation"
)

// LeaseFor is how long a turn may give no sign of life before others take its
// answer for orphaned, and SweepEvery how often they look: together less than
// ten seconds.
const (
	LeaseFor   = 7 * time.Second
	SweepEvery = 2 * time.Second
)

// Options are what an operator may set.
type Options struct {
	// Instance is the name under which the process comes back after a crash;
	// empty when another may run under the same one.
	Instance string
	// Timeout bounds a turn.
	Timeout time.Duration
	// Drain is how long running turns may go on when the process stops.
	Drain time.Duration
}

// Runner starts turns and knows those of this process.
type Runner struct {
	log       *slog.Logger
	questions Questions
	answers   Answers
	orphans   Orphans
	logs      Logs
	model     Model
	bell      Bell
	options   Options
	lease     Lease

	mu      sync.Mutex
	running map[uuid.UUID]context.CancelCauseFunc
	// closed takes no more turns, interrupted lets none run on.
	closed, interrupted bool
	turns               sync.WaitGroup
}

// Store is everything that a runner needs of the store.
type Store interface {
	Questions
	Answers
	Orphans
}

// NewRunner puts a runner together.
func NewRunner(log *slog.Logger, store Store, logs Logs, model Model, bell Bell, o Options) *Runner {
	return &Runner{
		log: log, questions: store, answers: store, orphans: store, logs: logs, model: model, bell: bell, options: o,
		lease:   Lease{Owner: o.Instance, Run: uuid.New(), For: LeaseFor},
		running: map[uuid.UUID]context.CancelCauseFunc{},
	}
}

// Send stores a question and starts the turn that answers it.
func (r *Runner) Send(ctx context.Context, user uuid.UUID, q Question) (Pair, error) {
	if strings.TrimSpace(q.Content) == "" { // no model takes it
		return Pair{}, apperr.Invalid("content", "must not be blank")
	}
	return r.begin(ctx, func() (Pair, bool, error) { return r.questions.Ask(ctx, user, q, r.lease) })
}

// Regenerate starts a turn that answers an answer's question once more.
func (r *Runner) Regenerate(ctx context.Context, user, answer uuid.UUID, model string) (Pair, error) {
	return r.begin(ctx, func() (Pair, bool, error) {
		return r.questions.AskAgain(ctx, user, answer, model, r.lease)
	})
}

// begin stores and starts. The place is taken before anything is stored, so
// that a process on its way out stores no question that it won't answer.
func (r *Runner) begin(ctx context.Context, store func() (Pair, bool, error)) (Pair, error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return Pair{}, errStopping
	}
	r.turns.Add(1)
	r.mu.Unlock()
	p, replayed, err := store()
	if err != nil || replayed {
		r.turns.Done()
		return p, err
	}
	r.start(ctx, p)
	return p, nil
}

// start runs the turn with the values of ctx, such as the caller's identity,
// but not with its end.
func (r *Runner) start(ctx context.Context, p Pair) {
	id := p.Assistant.ID
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r.mu.Lock()
	r.running[id] = cancel
	if r.interrupted {
		cancel(ErrInterrupted)
	}
	r.mu.Unlock()
	turn := &run{
		log: r.log, answers: r.answers, model: r.model, writer: r.logs.Create(id),
		lease: r.lease, pair: p, cancel: cancel,
	}
	turn.out.Model = p.Assistant.Model
	go func() {
		defer r.turns.Done()
		defer func() {
			cancel(nil)
			r.mu.Lock()
			delete(r.running, id)
			r.mu.Unlock()
		}()
		// Not a deadline: the model's connection would see it too, and answer
		// with an error of its own.
		limit := time.AfterFunc(r.options.Timeout, func() { cancel(errTimeout) })
		defer limit.Stop()
		turn.do(ctx)
	}()
}

// Stop ends a user's turn, wherever it runs, and gives the answer as it ended,
// or as it is after a short wait. Stopping what has ended is no error.
func (r *Runner) Stop(ctx context.Context, user, answer uuid.UUID) (conversation.Message, error) {
	p, err := r.questions.Pair(ctx, user, answer)
	if err != nil {
		return conversation.Message{}, err
	}
	if p.Assistant.Status != conversation.Streaming {
		return p.Assistant, nil
	}
	if err := r.questions.RequestStop(ctx, answer); err != nil {
		return conversation.Message{}, err
	}
	r.Halt(ctx, []uuid.UUID{answer})
	r.await(ctx, answer)
	p, err = r.questions.Pair(ctx, user, answer)
	return p.Assistant, err
}

// Halt ends turns here and rings for those that run elsewhere.
func (r *Runner) Halt(ctx context.Context, answers []uuid.UUID) {
	var elsewhere []uuid.UUID
	for _, id := range answers {
		if !r.HaltHere(id) {
			elsewhere = append(elsewhere, id)
		}
	}
	if len(elsewhere) > 0 {
		r.bell.Ring(ctx, elsewhere)
	}
}

// HaltHere ends a turn of this process; here says whether it is one.
func (r *Runner) HaltHere(answer uuid.UUID) (here bool) {
	r.mu.Lock()
	cancel, here := r.running[answer]
	r.mu.Unlock()
	if here {
		cancel(errStopped)
	}
	return here
}

// stopWait is how long Stop waits for the last write.
const stopWait = 3 * time.Second

// await follows an answer to its end, but not for long.
func (r *Runner) await(ctx context.Context, answer uuid.UUID) {
	ctx, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	reader, err := r.logs.Open(ctx, answer, true)
	if err != nil {
		return
	}
	defer reader.Close()
	for after := int64(0); ; {
		events, err := reader.Next(ctx, after)
		if err != nil {
			return
		}
		last := events[len(events)-1]
		if last.Kind == End {
			return
		}
		after = last.Seq
	}
}

// Shutdown takes no more questions, lets running turns go on for a while, then
// interrupts them with their text saved. It may be called twice.
func (r *Runner) Shutdown(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	idle := make(chan struct{})
	go func() { defer close(idle); r.turns.Wait() }()
	drain := time.NewTimer(r.options.Drain)
	defer drain.Stop()
	select {
	case <-idle:
		return nil
	case <-drain.C:
	case <-ctx.Done():
	}
	r.mu.Lock()
	r.interrupted = true
	for _, cancel := range r.running {
		cancel(ErrInterrupted)
	}
	r.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return errors.New("answers were still being saved when the time to stop ran out")
	}
}
