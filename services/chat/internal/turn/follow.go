package turn

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
)

// Shown is an event as a follower gets it.
type Shown struct {
	Event
	// Pair is set with a Start and an End; at the start the answer is empty.
	Pair *Pair
}

// Follow calls emit with every event of a user's answer after a number, then
// with new ones as they come, until the end. When the log has gone, it is told
// from the store: a start, the whole text and the end for a follower who has
// seen nothing, the end alone for one who has.
func (r *Runner) Follow(ctx context.Context, user, answer uuid.UUID, after int64, emit func(Shown) error) error {
	p, here := r.here(user, answer)
	if !here {
		var err error
		if p, err = r.questions.Pair(ctx, user, answer); err != nil {
			return err
		}
	}
	defer r.followHere(answer)()
	f := follower{runner: r, user: user, answer: answer, begun: begun(p), seq: after, emit: emit}
	reader, err := r.logs.Open(ctx, p.Answer(), p.Assistant.Status == conversation.Streaming)
	if err == nil {
		defer reader.Close()
		err = f.copy(ctx, reader)
	}
	if errors.Is(err, ErrGone) {
		return f.retell(ctx)
	}
	return err
}

// ended gives a pair whose answer has ended. However many followers are told the
// end at the same time, it is read once for all of them.
func (r *Runner) ended(ctx context.Context, user, answer uuid.UUID) (Pair, error) {
	found, err, _ := r.ends.Do(user.String()+answer.String(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTimeout) // it is not only this follower's
		defer cancel()
		return r.questions.Pair(ctx, user, answer)
	})
	p, _ := found.(Pair)
	return p, err
}

// followHere has the process's end wait for a follower of an answer that is
// written here, who is about to be told how it ended.
func (r *Runner) followHere(answer uuid.UUID) (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, here := r.running[answer]; !here {
		return func() {}
	}
	r.followers.Add(1)
	return r.followers.Done
}

// here gives the pair of a user's answer that is written here, as it began.
func (r *Runner) here(user, answer uuid.UUID) (Pair, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	turn, here := r.running[answer]
	return turn.pair, here && turn.pair.Owner == user
}

type follower struct {
	runner       *Runner
	user, answer uuid.UUID
	begun        Pair
	seq          int64
	emit         func(Shown) error
}

func (f *follower) copy(ctx context.Context, reader Reader) error {
	for {
		events, err := reader.Next(ctx, f.seq)
		if err != nil {
			return err
		}
		for _, e := range events {
			shown := Shown{Event: e}
			switch e.Kind {
			case Start:
				shown.Pair = &f.begun
			case End:
				p, err := f.runner.ended(ctx, f.user, f.answer)
				if err != nil {
					return err
				}
				shown.Pair = &p
			}
			if err := f.emit(shown); err != nil || e.Kind == End {
				return err
			}
			f.seq = e.Seq
		}
	}
}

// begun is a pair as it was when the turn began.
func begun(p Pair) Pair {
	a := p.Assistant
	p.Assistant = conversation.Message{
		ID: a.ID, ConversationID: a.ConversationID, ParentID: a.ParentID, Role: a.Role,
		Status: conversation.Streaming, Model: a.Model, CreatedAt: a.CreatedAt, Position: a.Position,
	}
	return p
}

// retell ends a follower's stream with what the store has. A log that is gone
// while the answer is still being written may come back: the follower is asked
// to try again.
func (f *follower) retell(ctx context.Context) error {
	p, err := f.runner.questions.Pair(ctx, f.user, f.answer)
	if err != nil {
		return err
	}
	if p.Assistant.Status == conversation.Streaming {
		return errAway
	}
	events := []Shown{{Event: Event{Kind: End}, Pair: &p}}
	if f.seq == 0 {
		start, end := begun(p), events[0]
		events = []Shown{{Event: Event{Kind: Start}, Pair: &start}}
		for _, e := range deltas(p.Assistant.Content) {
			events = append(events, Shown{Event: e})
		}
		events = append(events, end)
	}
	for _, e := range events {
		f.seq++
		e.Seq = f.seq
		if err := f.emit(e); err != nil {
			return err
		}
	}
	return nil
}

// ConversationOf gives the conversation of one of a user's answers, or
// conversation.ErrMessageNotFound.
func (r *Runner) ConversationOf(ctx context.Context, user, answer uuid.UUID) (uuid.UUID, error) {
	p, err := r.questions.Pair(ctx, user, answer)
	return p.Assistant.ConversationID, err
}
