package window

import (
	"strings"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// maxPrompt bounds the history that goes into a prompt, in bytes, and maxLines
// in messages: below what a call may carry, whatever the model reads.
const (
	maxPrompt = 2 << 20
	maxLines  = 10_000
)

// spoken drops blank answers and what neither side said.
func spoken(lines []turn.Line) []turn.Line {
	var kept []turn.Line
	for _, l := range lines {
		if strings.TrimSpace(l.Content) != "" && (l.Role == conversation.User || l.Role == conversation.Assistant) {
			kept = append(kept, l)
		}
	}
	return kept
}

// fit drops the oldest messages when there is too much; the prompt then begins
// with a question. The last line always stays.
func fit(lines []turn.Line) []turn.Line { return lines[newest(lines, maxPrompt, textSize):] }

// newest is where the longest end of lines begins that has at most so much of
// size, and with a question. The last line is always in it.
func newest(lines []turn.Line, most int, size func(turn.Line) int) int {
	total, first := 0, len(lines)
	for i := len(lines) - 1; i >= 0; i-- {
		if total += size(lines[i]); i < len(lines)-1 && (total > most || len(lines)-i > maxLines) {
			break
		}
		first = i
	}
	for first < len(lines)-1 && lines[first].Role != conversation.User {
		first++
	}
	return first
}

// textSize counts what a model is given to read, in bytes; images have a bound
// of their own.
func textSize(l turn.Line) int {
	size := len(l.Content)
	for _, f := range l.Files {
		if f.Kind != attachment.Image {
			size += len(f.Content)
		}
	}
	return size
}
