package turn

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
)

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
	r.await(ctx, p.Answer())
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
	turn, here := r.running[answer]
	r.mu.Unlock()
	if here {
		turn.cancel(errStopped)
	}
	return here
}

// stopWait is how long Stop waits for the last write.
const stopWait = 3 * time.Second

// await follows an answer to its end, but not for long.
func (r *Runner) await(ctx context.Context, answer Answer) {
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
	defer r.leave()
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	idle := make(chan struct{})
	go func() { defer close(idle); r.turns.Wait() }()
	patience := r.options.Drain
	if deadline, ok := ctx.Deadline(); ok { // the last writes need time too
		patience = min(patience, time.Until(deadline)-stopWait)
	}
	drain := time.NewTimer(patience)
	defer drain.Stop()
	select {
	case <-idle:
		r.awaitFollowers(ctx)
		return nil
	case <-drain.C:
	case <-ctx.Done():
	}
	r.mu.Lock()
	r.interrupted = true
	r.leave()
	for _, turn := range r.running {
		turn.cancel(ErrInterrupted)
	}
	r.mu.Unlock()
	select {
	case <-idle:
		r.awaitFollowers(ctx)
		return nil
	case <-ctx.Done():
		return errors.New("answers were still being saved when the time to stop ran out")
	}
}

// awaitFollowers lets those who follow be told the end, which they read from
// the store; but not for long, since some may take nothing any more.
func (r *Runner) awaitFollowers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	told := make(chan struct{})
	go func() { defer close(told); r.followers.Wait() }()
	select {
	case <-told:
	case <-ctx.Done():
	}
}
