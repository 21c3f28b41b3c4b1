package codeassist

import (
	"context"
	"strings"
)

const (
	// beforeBytes and afterBytes bound what of a file a completion sees.
	beforeBytes = 12_000
	afterBytes  = 4_000
	// completeTokens bounds a completion: more than a screen is not inline.
	completeTokens = 256
)

// CompleteRequest asks for text at a place in code.
type CompleteRequest struct {
	Code         string
	Cursor       Cursor
	Language     string
	Surroundings Surroundings
}

// Complete gives the text to insert at the cursor, perhaps none.
func (a Assistant) Complete(ctx context.Context, r CompleteRequest) (completion, requestID string, err error) {
	before, after, err := r.Cursor.split(r.Code)
	if err != nil {
		return "", "", err
	}
	system, user, err := render("complete", struct {
		Surroundings
		Language, Prefix, Suffix string
	}{r.Surroundings, r.Language, tail(before, beforeBytes), head(after, afterBytes)})
	if err != nil {
		return "", "", err
	}
	answer, requestID, err := a.whole(ctx, Prompt{
		Source: "ide.complete", System: system, User: user,
		MaxTokens: completeTokens, Stop: []string{"<cursor/>", "</code>"}, Exact: true,
	})
	if err != nil {
		return "", "", err
	}
	return fit(answer, before, after), requestID, nil
}

// fit takes from an answer what can be inserted: no fence, nothing that already
// stands before the cursor on its line, nothing that already stands after it.
func fit(answer, before, after string) string {
	text := withoutFence(answer)
	lineStart := before[strings.LastIndexByte(before, '\n')+1:]
	if strings.TrimSpace(lineStart) != "" {
		text = strings.TrimPrefix(text, lineStart)
	}
	text = strings.TrimRight(text, " \t\r\n")
	return withoutOverlap(text, after)
}

// withoutFence gives the inside of a Markdown fence, or the text as it is.
func withoutFence(text string) string {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "```") {
		return text
	}
	_, inside, ok := strings.Cut(trimmed, "\n")
	if !ok {
		return ""
	}
	if end := strings.LastIndex(inside, "```"); end >= 0 {
		inside = inside[:end]
	}
	return strings.TrimSuffix(inside, "\n")
}

// withoutOverlap cuts the longest end of the text with which the code after the
// cursor begins. White space alone is no overlap worth cutting for.
func withoutOverlap(text, after string) string {
	rest := strings.TrimLeft(after, " \t\r\n")
	for n := min(len(text), len(rest)); n > 0; n-- {
		if strings.HasSuffix(text, rest[:n]) {
			return strings.TrimRight(text[:len(text)-n], " \t\r\n")
		}
	}
	return text
}

// tail gives the end of a text from a line's start on, within a bound.
func tail(text string, bound int) string {
	if len(text) <= bound {
		return text
	}
	text = text[len(text)-bound:]
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		return rest
	}
	return strings.ToValidUTF8(text, "")
}

// head gives the beginning of a text up to a line's end, within a bound.
func head(text string, bound int) string {
	if len(text) <= bound {
		return text
	}
	text = text[:bound]
	if end := strings.LastIndexByte(text, '\n'); end >= 0 {
		return text[:end+1]
	}
	return strings.ToValidUTF8(text, "")
}
