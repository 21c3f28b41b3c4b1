package window

import (
	"context"
	"log/slog"
	"time"

	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// summarizeFor bounds how long finding a summary may take: the answer itself
// has to be asked for before the caller's identity runs out.
const summarizeFor = 40 * time.Second

// Packer implements turn.Packer.
type Packer struct {
	log   *slog.Logger
	store Store
	model Model
}

// NewPacker makes the packer.
func NewPacker(log *slog.Logger, store Store, model Model) *Packer {
	return &Packer{log: log, store: store, model: model}
}

// most is how many tokens of a window a prompt may take before its older part
// is summarised: the rest is for the answer, and for what estimates miss.
func most(window int) int { return min(window*7/10, maxPrompt/4) }

// verbatim is how many tokens of a window the newest messages keep that no
// summary stands for.
func verbatim(window int) int { return most(window) / 3 }

// Pack gives the lines of a prompt that fits. When the branch takes too much of
// the window, its older part goes into a summary, which is kept for the next
// time; when there is none to be had, the oldest messages are left out.
func (p *Packer) Pack(ctx context.Context, pair turn.Pair, h turn.History) (lines []turn.Line, omitted int) {
	h.Lines = spoken(h.Lines)
	size, err := p.model.Window(ctx, pair.Assistant.Model)
	if err != nil {
		p.log.WarnContext(ctx, "size of a model's window not known", "model", pair.Assistant.Model, "error", err)
	}
	if tokens, _ := used(h); size.Tokens > 0 && (tokens > most(size.Tokens) || len(h.Lines) > maxLines) {
		h, omitted = p.shorten(ctx, pair, h, size, tokens)
	}
	lines = withSummary(h)
	fitting := fit(lines)
	return fitting, omitted + len(lines) - len(fitting)
}

// shorten puts a summary in the place of the older lines, or leaves out as many
// of the oldest as do not fit. tokens is what the history takes; where the
// provider counts more than the estimate, so it will of a part.
func (p *Packer) shorten(ctx context.Context, pair turn.Pair, h turn.History, size Size, tokens int) (turn.History, int) {
	estimate := estimated(h)
	room := func(most int) int { return int(int64(most) * int64(estimate) / int64(max(tokens, estimate))) }
	cut := newest(h.Lines, room(verbatim(size.Tokens)), lineSize)
	if cut == 0 {
		return h, 0 // one message that is too long by itself, which is the provider's to refuse
	}
	ctx, cancel := context.WithTimeout(ctx, summarizeFor)
	defer cancel()
	s, err := p.summarize(ctx, pair, size, h.Summary, h.Lines[:cut])
	if err != nil {
		p.log.WarnContext(ctx, "older messages not summarised, so the oldest are left out",
			"conversation_id", pair.User.ConversationID, "error", err)
		omitted := newest(h.Lines, room(most(size.Tokens)*2/3), lineSize)
		h.Lines = h.Lines[omitted:]
		return h, omitted
	}
	if err := p.store.KeepSummary(ctx, pair.Answer(), s); err != nil {
		p.log.WarnContext(ctx, "summary not kept; the next answer needs a new one",
			"conversation_id", pair.User.ConversationID, "error", err)
	}
	h.Summary, h.Lines = &s, h.Lines[cut:]
	return h, 0
}

// withSummary puts the summary before the first question, within its message:
// some models insist that questions and answers take turns.
func withSummary(h turn.History) []turn.Line {
	if h.Summary == nil || len(h.Lines) == 0 {
		return h.Lines
	}
	lines := append([]turn.Line(nil), h.Lines...)
	if lines[0].Role != conversation.User {
		lines = append([]turn.Line{{Role: conversation.User}}, lines...)
	}
	lines[0].Content = framed(h.Summary.Text, lines[0].Content)
	return lines
}
