package turn

import (
	"strings"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
)

// maxPrompt bounds the history that goes into a prompt, in bytes, and maxLines
// in messages. They are above what any model reads and below what a call may
// carry.
const (
	maxPrompt = 2 << 20
	maxLines  = 10_000
)

// fit drops blank answers, and the oldest messages when there is too much; the
// prompt then begins with a question. The last line always stays.
func fit(lines []Line) []Line {
	var kept []Line
	for _, l := range lines {
		if strings.TrimSpace(l.Content) != "" && (l.Role == conversation.User || l.Role == conversation.Assistant) {
			kept = append(kept, l)
		}
	}
	size, first := 0, len(kept)
	for i := len(kept) - 1; i >= 0; i-- {
		if size += kept[i].textSize(); i < len(kept)-1 && (size > maxPrompt || len(kept)-i > maxLines) {
			break
		}
		first = i
	}
	for first < len(kept)-1 && kept[first].Role != conversation.User {
		first++
	}
	return kept[first:]
}

// textSize counts what a model is given to read; images have a bound of their own.
func (l Line) textSize() int {
	size := len(l.Content)
	for _, f := range l.Files {
		if f.Kind == attachment.Text {
			size += len(f.Content)
		}
	}
	return size
}
