package turn

import (
	"context"
	"time"

	"atrium.internal/services/chat/internal/conversation"
)

const (
	// orphansAtOnce bounds one sweep.
	orphansAtOnce = 100
	// logPatience is how long an orphan waits for its log, which may hold more
	// than was saved, before it is closed without.
	logPatience = time.Minute
)

// Sweep closes the answers that dead processes left: each keeps at least what
// was shown of it, and whoever still follows it gets an end.
func (r *Runner) Sweep(ctx context.Context) error {
	found, err := r.orphans.Orphans(ctx, r.lease, orphansAtOnce)
	if err != nil {
		return err
	}
	for _, o := range found {
		if o.Run == r.lease.Run && r.runs(o) {
			continue // late, because the store was away, but alive
		}
		if err := r.interrupt(ctx, o); err != nil {
			r.log.WarnContext(ctx, "orphaned answer not closed; trying again", "message_id", o.ID, "error", err)
		}
	}
	return nil
}

func (r *Runner) runs(o Orphan) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.running[o.ID]
	return ok
}

func (r *Runner) interrupt(ctx context.Context, o Orphan) error {
	if o.Err != nil {
		return o.Err
	}
	text, last, err := r.logs.Recall(ctx, o.Answer)
	if err != nil && o.Overdue < logPatience {
		return err
	}
	if len(text) < len(o.Content) { // both are beginnings of the same answer
		text = o.Content
	}
	done, err := r.orphans.Interrupt(ctx, o, r.lease, Outcome{
		Status: conversation.Interrupted, Content: text, Failure: conversation.FailureOf(ErrInterrupted),
	})
	if err != nil || !done {
		return err
	}
	r.log.InfoContext(ctx, "orphaned answer closed", "message_id", o.ID, "bytes", len(text))
	if last == 0 {
		return nil
	}
	return r.logs.Conclude(ctx, o.Answer, last)
}
