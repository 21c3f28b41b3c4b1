package window

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// View is a branch as a model would be given it with the next question.
type View struct {
	Size
	// Used is how many tokens it takes; Counted says that the provider counted
	// all of them.
	Used    int
	Counted bool
	// Most is what it may take before its older part is summarised; 0 is
	// unknown.
	Most    int
	Summary *turn.Summary
	// Omitted is how many of the oldest messages its last answer went without.
	Omitted int
}

// Summaries gives those of a user's conversation, oldest first.
func (p *Packer) Summaries(ctx context.Context, user, conv uuid.UUID) ([]turn.Summary, error) {
	return p.store.Summaries(ctx, user, conv)
}

// Look gives the view of a user's branch; a zero leaf is the conversation's
// head, an empty model the conversation's. It answers conversation.ErrNotFound
// and conversation.ErrMessageNotFound.
func (p *Packer) Look(ctx context.Context, user, conv, leaf uuid.UUID, model string) (View, error) {
	c, h, err := p.store.HistoryOf(ctx, user, conv, leaf)
	if err != nil {
		return View{}, err
	}
	if model == "" {
		model = c.Model
	}
	v := View{Summary: h.Summary}
	if v.Size, err = p.model.Window(ctx, model); err != nil {
		return View{}, err
	}
	v.Most = most(v.Tokens)
	h.Lines = spoken(h.Lines)
	v.Used, v.Counted = used(h)
	for _, l := range h.Lines {
		if l.Role == conversation.Assistant {
			v.Omitted = l.Omitted
		}
	}
	return v, nil
}
