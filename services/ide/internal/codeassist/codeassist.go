package codeassist

import (
	"context"
	"strings"
)

// Model answers prompts on the caller's behalf.
type Model interface {
	// Generate hands each piece of the answer to each, as it comes. It ends
	// early with each's error.
	Generate(ctx context.Context, p Prompt, each func(text string) error) (Answer, error)
}

// Prompt is one question to a model.
type Prompt struct {
	// Source is what the ledger calls it, such as "ide.complete".
	Source string
	System string
	User   string
	// MaxTokens bounds the answer.
	MaxTokens int32
	// Stop ends the answer before any of these.
	Stop []string
	// Schema, a JSON Schema of an object, makes the answer one JSON value of it.
	Schema string
	// Exact asks for the likeliest answer instead of a varied one.
	Exact bool
	// Repeatable says that an answer given before to the very same prompt does
	// as well as a new one.
	Repeatable bool
}

// Answer is what is known of an answer besides its text.
type Answer struct {
	// RequestID is the call in the ledger that made it.
	RequestID string
	// Cut says that it was longer than its bound.
	Cut bool
	// Cached says that it was given before, and cost nothing now.
	Cached bool
}

// Assistant answers the editor's questions.
type Assistant struct{ Model Model }

// whole asks for an answer in one piece.
func (a Assistant) whole(ctx context.Context, p Prompt) (string, Answer, error) {
	var b strings.Builder
	answer, err := a.Model.Generate(ctx, p, func(piece string) error {
		b.WriteString(piece)
		return nil
	})
	return b.String(), answer, err
}
