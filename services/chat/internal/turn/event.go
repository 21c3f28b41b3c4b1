package turn

import (
	"unicode/utf8"

	"atrium.internal/services/chat/internal/conversation"
)

// Kind is what an event tells.
type Kind uint8

// The kinds. A whole log is one Start, any number of Delta and Usage, one End.
const (
	Start Kind = iota + 1
	Delta
	Usage
	End
)

// Event is one step of an answer. The messages that a start and an end carry
// are read from the store when they are shown: by then it has them.
type Event struct {
	// Seq counts from 1 without gaps.
	Seq   int64
	Kind  Kind
	Text  string
	Usage conversation.Usage
}

// maxDelta is how much text one event has, in bytes: what is held for a follower
// who is slow is a few events, however fast a model or slow a log is.
const maxDelta = 16 << 10

// deltas are the events that tell a text.
func deltas(text string) (events []Event) {
	for text != "" {
		n := len(text)
		if n > maxDelta {
			for n = maxDelta; n > maxDelta-utf8.UTFMax && !utf8.RuneStart(text[n]); {
				n--
			}
		}
		events, text = append(events, Event{Kind: Delta, Text: text[:n]}), text[n:]
	}
	return events
}
