package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"atrium.internal/services/chat/internal/conversation"
)

const (
	// checkpointEvery is how old unsaved text gets.
	checkpointEvery = 700 * time.Millisecond
	// lookEvery is how often a turn looks what is to be done: a checkpoint that
	// is due or has failed is made, and text that only the log has is looked for
	// there when nothing new has gone into it meanwhile.
	lookEvery = 200 * time.Millisecond
	// renewEvery is how often a turn without new text gives a sign of life.
	renewEvery = 2 * time.Second
	// opTimeout bounds one call of a store or log.
	opTimeout = 2 * time.Second
	// retryEvery is the pause after a failure to keep or settle anything.
	retryEvery = 250 * time.Millisecond
	// settleFor is how long a turn tries to settle; later others find it orphaned.
	settleFor = 30 * time.Second
	// maxAnswer is how long an answer may get, in bytes: what a prompt may hold.
	maxAnswer = 4 << 20
	// After coarseAfter events a log takes at most one every coarseStep, which
	// bounds its length together with the turn's time limit.
	coarseAfter = 10_000
	coarseStep  = 200 * time.Millisecond
)

// run is one turn. Its fields belong to its goroutine.
type run struct {
	log     *slog.Logger
	answers Answers
	model   Model
	packer  Packer
	writer  Writer
	lease   Lease
	pair    Pair
	// cancel ends the turn with a cause.
	cancel context.CancelCauseFunc
	// name has the conversation named, which is done once.
	name  func(ctx context.Context, p Pair, answer string)
	named bool
	begun time.Time
	seq   int64
	text  strings.Builder
	out   Outcome
	// saved is how much text the last checkpoint held, and when that was.
	saved   int
	savedAt time.Time
	// looked is the number up to which there were events at the last look, and
	// away says that the last checkpoint failed.
	looked int64
	away   bool
}

// do writes the answer until it ends or ctx does, then settles it. The end is
// shown after the store has it, so that whoever sees it can read it.
func (r *run) do(ctx context.Context) {
	defer r.writer.Close()
	r.savedAt = time.Now()
	err := r.guarded(ctx, r.write)
	if !errors.Is(err, ErrLost) {
		r.conclude(ctx, err)
		err = r.settle(ctx)
	}
	switch {
	case errors.Is(err, ErrLost):
		r.abandon(ctx)
		return
	case err != nil:
		r.log.ErrorContext(ctx, "answer not settled", "message_id", r.pair.Assistant.ID, "error", err)
		return
	}
	end := []Event{{Seq: r.seq + 1, Kind: End}}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTimeout)
	defer cancel()
	if err := r.writer.Store(last, end); err != nil {
		r.log.DebugContext(ctx, "end not logged; followers elsewhere learn it from the store", "error", err)
	}
	r.writer.Show(end)
	if r.out.Status == conversation.Complete {
		r.nameIfDue(ctx, 0)
	}
}

// abandon leaves the log of an answer that was deleted or taken over.
func (r *run) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTimeout)
	defer cancel()
	r.log.DebugContext(ctx, "the answer is not this turn's any more", "message_id", r.pair.Assistant.ID)
	r.writer.Abandon(ctx)
}

// guarded keeps a mistake in one turn from ending the process.
func (r *run) guarded(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.ErrorContext(ctx, "panic in a turn", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do(ctx)
}

func (r *run) write(ctx context.Context) error {
	if err := r.show(ctx, Event{Kind: Start}); err != nil {
		return err
	}
	generate, cancel := context.WithCancel(ctx)
	box, received := newInbox(), make(chan struct{})
	defer func() { cancel(); <-received }()
	go func() {
		defer close(received)
		box.close(r.guarded(generate, func(ctx context.Context) error { return r.receive(ctx, box) }))
	}()

	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-box.ready:
			d := box.take()
			if err := r.accept(ctx, d); err != nil || d.closed {
				return ended(d, err)
			}
			if r.seq >= coarseAfter {
				pause(ctx, coarseStep)
			}
		case <-tick.C:
			r.nameIfDue(ctx, nameAfter)
			if err := r.look(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			cancel()
			<-received
			d := box.take() // what had come by then is kept
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTimeout)
			defer cancel()
			return ended(d, r.accept(last, d))
		}
	}
}

// receive moves the model's stream into the inbox until it ends, and gives why.
func (r *run) receive(ctx context.Context, box *inbox) error {
	history, err := r.answers.History(ctx, r.pair.Owner, r.pair.User.ID)
	if err != nil {
		return err
	}
	lines, omitted := r.packer.Pack(ctx, r.pair, history)
	box.omit(omitted)
	stream, err := r.model.Generate(ctx, Prompt{ID: r.pair.Assistant.ID, Model: r.pair.Assistant.Model, System: history.System, Lines: lines})
	if err != nil {
		return err
	}
	for {
		chunk, err := stream.Recv()
		if err != nil {
			return err
		}
		box.put(chunk)
	}
}

// accept turns what came into events and shows them.
func (r *run) accept(ctx context.Context, d delivery) error {
	if d.model != "" {
		r.out.Model = d.model
	}
	r.out.Omitted = d.omitted
	var events []Event
	if d.text != "" {
		if r.text.Len()+len(d.text) > maxAnswer {
			return errTooLong
		}
		r.text.WriteString(d.text)
		events = deltas(d.text)
	}
	if d.usage != nil {
		r.out.Usage = d.usage
		events = append(events, Event{Kind: Usage, Usage: *d.usage})
	}
	if len(events) == 0 {
		return nil
	}
	return r.show(ctx, events...)
}

// ended is why no more came: nil when the model said that it was done.
func ended(d delivery, err error) error {
	switch {
	case err != nil:
		return err
	case d.done:
		return nil
	case d.err == nil || errors.Is(d.err, io.EOF):
		return errCut
	}
	return d.err
}

// pause waits, or less when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
