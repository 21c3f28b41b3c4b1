package fakeai

import (
	"strings"
	"time"
)

// Ending is how an answer's stream ends.
type Ending int

const (
	// Finish ends the stream as the wire format says.
	Finish Ending = iota
	// Cut drops the connection, as a crashed provider or proxy does.
	Cut
	// Truncate closes the response in good order, but without the events that
	// end an answer, as a proxy does whose own upstream went away.
	Truncate
	// ErrorEvent sends the format's error event after the status 200.
	ErrorEvent
	// Hang goes silent and keeps the connection until the client leaves.
	Hang
)

// Script says what one call answers. The zero value echoes the question.
type Script struct {
	// Text of the answer, exactly. Empty: an echo, or a sample of the schema
	// when structured output is asked for.
	Text string
	// ToolUses are called after the text; without a Text there is none.
	ToolUses []ToolUse
	// Chunks are the deltas, exactly; they replace Text.
	Chunks []string
	// First is the pause before the first delta, Delay the one before each.
	First, Delay time.Duration
	// End is how the stream ends, after After deltas unless it is Finish.
	End   Ending
	After int
	// Status other than 0 and 200 answers an error instead of a stream.
	Status int
	// RetryAfter is sent with Status as whole seconds, if it is not zero.
	RetryAfter time.Duration
	// ErrorType and ErrorMessage replace those that go with Status or ErrorEvent.
	ErrorType, ErrorMessage string
	// StopReason in the format's own words replaces the true one.
	StopReason string
	// Counts replaces the fake's own count.
	Counts *Counts
	// WriteSize splits what goes to the wire into writes of so many bytes,
	// wherever in a character or an event that falls. 0: one write per event.
	WriteSize int
	// Raw is sent as the whole body of the stream instead of all of the above.
	Raw []byte
}

// chunks returns the deltas of text as the script wants them.
func (s Script) chunks(text string) []string {
	if s.Chunks != nil {
		return s.Chunks
	}
	return splitWords(text)
}

// text returns the whole answer to a question.
func (s Script) text(fallback func() string) string {
	switch {
	case s.Chunks != nil:
		return strings.Join(s.Chunks, "")
	case s.Text != "":
		return s.Text
	}
	return fallback()
}

// splitWords cuts text after every run of white space; joined it is text again.
func splitWords(text string) []string {
	var words []string
	start, space := 0, false
	for i, r := range text {
		isSpace := r == ' ' || r == '\n' || r == '\t'
		if space && !isSpace {
			words = append(words, text[start:i])
			start = i
		}
		space = isSpace
	}
	if start < len(text) {
		words = append(words, text[start:])
	}
	return words
}
