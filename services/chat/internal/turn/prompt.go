package turn

import "atrium.internal/services/chat/internal/conversation"

// maxPrompt bounds the history that goes into a prompt, in bytes. It is above
// what any model reads and below what a call may carry.
const maxPrompt = 2 << 20

// fit drops empty answers, and the oldest messages when there is too much; the
// prompt then begins with a question. The last line always stays.
func fit(lines []Line) []Line {
	var kept []Line
	for _, l := range lines {
		if l.Content != "" && (l.Role == conversation.User || l.Role == conversation.Assistant) {
			kept = append(kept, l)
		}
	}
	size, first := 0, len(kept)
	for i := len(kept) - 1; i >= 0; i-- {
		if size += len(kept[i].Content); size > maxPrompt && i < len(kept)-1 {
			break
		}
		first = i
	}
	for first < len(kept)-1 && kept[first].Role != conversation.User {
		first++
	}
	return kept[first:]
}
