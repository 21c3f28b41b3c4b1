package turn

import (
	"context"
	"time"
)

// nameAfter is when a conversation is named although its answer is still being
// written: soon after, the caller's identity is not good for a call any more.
const nameAfter = 30 * time.Second

// nameFor bounds how long finding a title may take.
const nameFor = 20 * time.Second

// nameIfDue has the conversation named, once, when the turn is old enough.
func (r *run) nameIfDue(ctx context.Context, age time.Duration) {
	if r.named || r.text.Len() == 0 || time.Since(r.begun) < age {
		return
	}
	r.named = true
	r.name(ctx, r.pair, r.text.String())
}

// name has a conversation named beside its turn, whose end does not wait.
func (r *Runner) name(ctx context.Context, p Pair, answer string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), nameFor)
	unbind := context.AfterFunc(r.leaving, cancel)
	r.turns.Go(func() {
		defer cancel()
		defer unbind()
		r.namer.Name(ctx, p, answer)
	})
}
