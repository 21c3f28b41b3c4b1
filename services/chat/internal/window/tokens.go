package window

import (
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

const (
	// lineTokens is what a message takes besides its text.
	lineTokens = 4
	// imageTokens is about what providers count for one large image.
	imageTokens = 1600
)

// tokensOf estimates a text: four ASCII characters make a token, as in English
// and in code; a character outside ASCII has two to four bytes and makes one to
// two.
func tokensOf(text string) int {
	other := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			other++
		}
	}
	return (len(text)-other+3)/4 + (other+1)/2
}

// lineSize estimates a message with its files, whose content need not be there.
func lineSize(l turn.Line) int {
	tokens := lineTokens + tokensOf(l.Content)
	for _, f := range l.Files {
		switch {
		case f.Kind == attachment.Image:
			tokens += imageTokens
		case f.Content != nil:
			tokens += tokensOf(string(f.Content))
		default:
			tokens += f.TextSize / 4
		}
	}
	return tokens
}

func linesSize(lines []turn.Line) int {
	tokens := 0
	for _, l := range lines {
		tokens += lineSize(l)
	}
	return tokens
}

// used is how many tokens a history takes. The newest answer that was given all
// of it tells what its provider counted; what came later is estimated, and all
// is where no answer tells. counted says that nothing is estimated.
func used(h turn.History) (tokens int, counted bool) {
	for i := len(h.Lines) - 1; i >= 0; i-- {
		if l := h.Lines[i]; tells(h, l) {
			later := h.Lines[i+1:]
			return int(l.Usage.InputTokens) + int(l.Usage.OutputTokens) + linesSize(later), len(later) == 0
		}
	}
	return estimated(h), false
}

func estimated(h turn.History) int {
	tokens := lineTokens + tokensOf(h.System) + linesSize(h.Lines)
	if h.Summary != nil {
		tokens += tokensOf(h.Summary.Text)
	}
	return tokens
}

// tells says whether an answer's prompt was the history up to it: with the same
// summary, and with nothing left out.
func tells(h turn.History, l turn.Line) bool {
	if l.Role != conversation.Assistant || l.Usage == nil || l.Omitted > 0 {
		return false
	}
	return h.Summary == nil || l.ID == h.Summary.Answer || l.CreatedAt.After(h.Summary.CreatedAt)
}
