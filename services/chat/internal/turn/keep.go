package turn

import (
	"context"
	"errors"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/conversation"
)

// show numbers events and shows them once they are kept. It fails when the
// answer is another turn's, or ctx ends before that.
func (r *run) show(ctx context.Context, events ...Event) error {
	for i := range events {
		events[i].Seq = r.seq + int64(i) + 1
	}
	if err := r.keep(ctx, events); err != nil {
		return err
	}
	r.seq += int64(len(events))
	r.writer.Show(events)
	return nil
}

// keep puts events where they outlive the process: into the log, or, when the
// log is away, into the store as a checkpoint. It tries until one of them can.
func (r *run) keep(ctx context.Context, events []Event) error {
	for {
		err := r.store(ctx, events)
		if err == nil {
			return nil
		}
		if err = r.checkpoint(ctx); err == nil || errors.Is(err, ErrLost) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pause(ctx, retryEvery)
	}
}

func (r *run) store(ctx context.Context, events []Event) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	return r.writer.Store(ctx, events)
}

// look saves text that has waited long enough, and renews the lease when there
// is none. A store that is away is no reason to end: the next look tries again.
// Text that the store does not have yet must be in the log, which may lose what
// it held: every new event notices that, and where none comes, the look does.
func (r *run) look(ctx context.Context) error {
	unsaved, quiet := r.text.Len() > r.saved, r.looked == r.seq
	r.looked = r.seq
	if age := time.Since(r.savedAt); age >= renewEvery || unsaved && age >= checkpointEvery {
		switch err := r.checkpoint(ctx); {
		case errors.Is(err, ErrLost):
			return err
		case err == nil:
			if quiet {
				_ = r.store(ctx, nil) // for those who follow elsewhere
			}
			return nil
		case ctx.Err() == nil && !r.away: // said once
			r.log.WarnContext(ctx, "answer not saved; trying again", "message_id", r.pair.Assistant.ID, "error", err)
			r.away = true
		}
	}
	if !unsaved || !quiet || r.store(ctx, nil) == nil {
		return nil
	}
	if err := r.checkpoint(ctx); errors.Is(err, ErrLost) {
		return err
	}
	return nil
}

func (r *run) checkpoint(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	stop, err := r.answers.Checkpoint(call, r.pair.Answer(), r.lease, r.text.String())
	if err != nil {
		return err
	}
	r.saved, r.savedAt, r.away = r.text.Len(), time.Now(), false
	if stop {
		r.cancel(errStopped)
	}
	return nil
}

// settle writes the outcome, again and again for a while if the store is away:
// the answer is already shown and must not be lost.
func (r *run) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	for {
		call, cancel := context.WithTimeout(ctx, opTimeout)
		err := r.answers.Settle(call, r.pair.Answer(), r.lease, r.out)
		cancel()
		if err == nil || errors.Is(err, ErrLost) || ctx.Err() != nil {
			return err
		}
		_ = r.store(ctx, nil) // until then the log has it; the next try is soon
		pause(ctx, retryEvery)
	}
}

// conclude decides what the answer has become.
func (r *run) conclude(ctx context.Context, err error) {
	cause := context.Cause(ctx)
	r.out.Content = r.text.String()
	switch {
	case err == nil:
		r.out.Status = conversation.Complete
		return
	case errors.Is(cause, errStopped):
		r.out.Status = conversation.Stopped
		return
	case errors.Is(cause, ErrInterrupted):
		r.out.Status, err = conversation.Interrupted, ErrInterrupted
	case errors.Is(cause, errTimeout):
		r.out.Status, err = conversation.Failed, errTimeout
	default:
		r.out.Status = conversation.Failed
	}
	r.out.Failure = conversation.FailureOf(err)
	if apperr.From(err).Kind == apperr.Internal {
		r.log.ErrorContext(ctx, "turn failed", "message_id", r.pair.Assistant.ID, "error", err)
	}
}
