package turn

import "atrium.internal/services/chat/internal/conversation"

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
