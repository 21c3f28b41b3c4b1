package turn

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/attachment"
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
	// Herald may be nil.
	Herald Herald
}

// Runner starts turns and knows those of this process.
type Runner struct {
	log       *slog.Logger
	questions Questions
	answers   Answers
	orphans   Orphans
	logs      Logs
	model     Model
	packer    Packer
	bell      Bell
	namer     Namer
	options   Options
	lease     Lease

	mu      sync.Mutex
	running map[uuid.UUID]running
	// closed takes no more turns, interrupted lets none run on.
	closed, interrupted bool
	turns               sync.WaitGroup
	// followers are those of answers that are written here.
	followers sync.WaitGroup
	// ends reads what has ended.
	ends singleflight.Group
	// leaving ends what goes on beside turns, when they are interrupted.
	leaving context.Context //nolint:containedctx // the life of the runner, not of a call
	leave   context.CancelFunc
}

// running is a turn of this process.
type running struct {
	pair   Pair
	cancel context.CancelCauseFunc
}

// Store is everything that a runner needs of the store.
type Store interface {
	Questions
	Answers
	Orphans
}

// NewRunner puts a runner together.
func NewRunner(log *slog.Logger, store Store, logs Logs, model Model, packer Packer, bell Bell, namer Namer, o Options) *Runner {
	leaving, leave := context.WithCancel(context.Background())
	return &Runner{
		log: log, questions: store, answers: store, orphans: store, logs: logs, model: model, packer: packer, bell: bell, namer: namer, options: o,
		leaving: leaving, leave: leave,
		lease:   Lease{Owner: o.Instance, Run: uuid.New(), For: LeaseFor},
		running: map[uuid.UUID]running{},
	}
}

// Send stores a question and starts the turn that answers it.
func (r *Runner) Send(ctx context.Context, user uuid.UUID, q Question) (Pair, error) {
	if strings.TrimSpace(q.Content) == "" { // no model takes it
		return Pair{}, apperr.Invalid("content", "must not be blank")
	}
	if len(q.Attachments) > attachment.MaxPerMessage {
		return Pair{}, attachment.ErrTooMany
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
	r.running[id] = running{p, cancel}
	if r.interrupted {
		cancel(ErrInterrupted)
	}
	r.mu.Unlock()
	turn := &run{
		log: r.log, answers: r.answers, model: r.model, packer: r.packer, writer: r.logs.Create(p.Answer()),
		lease: r.lease, pair: p, cancel: cancel, name: r.name, begun: time.Now(),
	}
	turn.named = p.Named
	turn.out.Model = p.Assistant.Model
	if r.options.Herald != nil {
		r.options.Herald.Began(ctx, p)
	}
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
		if r.options.Herald != nil {
			r.options.Herald.Ended(context.WithoutCancel(ctx), p)
		}
	}()
}
