package codeassist

import (
	"context"
	"fmt"
	"strings"
)

const (
	// completeBudget bounds what a completion is told, in tokens: answers must
	// be quick, and every keystroke may ask.
	completeBudget = 4096
	// completeTokens bounds a completion: more than a screen is not inline.
	completeTokens = 256
	// likeBytes is how much around the cursor tells which snippets matter.
	likeTokens = 600
)

// CompleteRequest asks for text at a place in code.
type CompleteRequest struct {
	Code         string
	Cursor       Cursor
	Language     string
	Surroundings Surroundings
}

// Completion is text to insert at the cursor, perhaps none.
type Completion struct {
	Text string
	Answer
}

// Complete gives the text to insert at the cursor.
func (a Assistant) Complete(ctx context.Context, r CompleteRequest) (Completion, error) {
	before, after, err := r.Cursor.split(r.Code)
	if err != nil {
		return Completion{}, err
	}
	around := r.Surroundings
	around.Snippets = related(tail(before, likeTokens)+head(after, likeTokens/4), around, completeBudget/4)
	ofBefore, ofAfter := share(completeBudget-spent(around.Snippets), before, after)
	mark := markFor(r.Code)
	system, user, err := render("complete", struct {
		Surroundings
		Language, Prefix, Suffix, Mark string
	}{around, r.Language, tail(before, ofBefore), head(after, ofAfter), mark})
	if err != nil {
		return Completion{}, err
	}
	text, answer, err := a.whole(ctx, Prompt{
		Source: "ide.complete", System: system, User: user,
		MaxTokens: completeTokens, Stop: []string{mark}, Exact: true, Repeatable: true,
	})
	if err != nil {
		return Completion{}, err
	}
	return Completion{Text: fit(text, before, after, answer.Cut), Answer: answer}, nil
}

func spent(snippets []Snippet) (total int) {
	for _, s := range snippets {
		total += tokens(s.Content) + tokens(s.FilePath)
	}
	return total
}

// markFor is a sign for the cursor that is nowhere in the code, so that it can
// also end an answer that goes on into what is there already.
func markFor(code string) string {
	mark := "<|cursor|>"
	for n := 2; strings.Contains(code, mark); n++ {
		mark = fmt.Sprintf("<|cursor-%d|>", n)
	}
	return mark
}
