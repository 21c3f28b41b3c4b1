package turn

import (
	"strings"
	"sync"

	"atrium.internal/services/chat/internal/conversation"
)

// inbox takes what the model sends while the turn is busy keeping and showing
// what came before: the slower that is, the more text goes into one event.
type inbox struct {
	mu    sync.Mutex
	text  strings.Builder
	rest  delivery
	ready chan struct{}
}

// delivery is everything that came since the last one.
type delivery struct {
	text  string
	model string
	usage *conversation.Usage
	// omitted is how many of the oldest messages the model was not given.
	omitted int
	// done says that the model ended its answer, closed that no more will come
	// and err why, nil being a clean end of the stream.
	done, closed bool
	err          error
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(c Chunk) {
	b.mu.Lock()
	b.text.WriteString(storable(c.Text))
	if c.Model != "" {
		b.rest.model = c.Model
	}
	if c.Usage != nil {
		b.rest.usage = c.Usage
	}
	b.rest.done = b.rest.done || c.Done
	b.mu.Unlock()
	b.signal()
}

func (b *inbox) omit(messages int) {
	b.mu.Lock()
	b.rest.omitted = messages
	b.mu.Unlock()
}

func (b *inbox) close(err error) {
	b.mu.Lock()
	b.rest.closed, b.rest.err = true, err
	b.mu.Unlock()
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.ready <- struct{}{}:
	default: // already signalled
	}
}

// take empties the inbox; done and closed stay.
func (b *inbox) take() delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.rest
	d.text = b.text.String()
	b.text.Reset()
	b.rest.model, b.rest.usage = "", nil
	return d
}

// storable replaces the one character that a database text can't hold.
func storable(text string) string {
	if strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(text, "\x00", "\uFFFD")
}
