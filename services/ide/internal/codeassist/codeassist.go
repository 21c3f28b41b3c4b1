package codeassist

import (
	"context"
	"strings"
)

// Model answers prompts on the caller's behalf.
type Model interface {
	// Generate hands each piece of the answer to each, as it comes, and gives
	// the request's id. It ends early with each's error.
	Generate(ctx context.Context, p Prompt, each func(text string) error) (requestID string, err error)
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
}

// Snippet is a piece of another file.
type Snippet struct{ FilePath, Content string }

// Surroundings are what the editor knows around the code.
type Surroundings struct {
	FilePath string
	Snippets []Snippet
}

// Assistant answers the editor's questions.
type Assistant struct{ Model Model }

// whole asks for an answer in one piece.
func (a Assistant) whole(ctx context.Context, p Prompt) (text, requestID string, err error) {
	var b strings.Builder
	requestID, err = a.Model.Generate(ctx, p, func(piece string) error {
		b.WriteString(piece)
		return nil
	})
	return b.String(), requestID, err
}
