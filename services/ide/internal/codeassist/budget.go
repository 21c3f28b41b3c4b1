package codeassist

import "strings"

// tokens estimates how many tokens a text is. Code has about three and a half
// bytes in one; the estimate is on the safe side of that.
func tokens(text string) int { return (len(text) + 2) / 3 }

// room is how many bytes fit into a number of tokens.
func room(tokens int) int { return tokens * 3 }

// tail gives the end of a text from a line's start on, within a number of tokens.
func tail(text string, bound int) string {
	if tokens(text) <= bound {
		return text
	}
	text = text[len(text)-room(max(bound, 0)):]
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		return rest
	}
	return strings.ToValidUTF8(text, "")
}

// head gives the beginning of a text up to a line's end, within a number of
// tokens.
func head(text string, bound int) string {
	if tokens(text) <= bound {
		return text
	}
	text = text[:room(max(bound, 0))]
	if end := strings.LastIndexByte(text, '\n'); end >= 0 {
		return text[:end+1]
	}
	return strings.ToValidUTF8(text, "")
}

// share divides a budget between what stands before and after the cursor: each
// has its part, and what one does not need the other gets.
func share(budget int, before, after string) (ofBefore, ofAfter int) {
	ofAfter = min(tokens(after), budget/4)
	ofBefore = min(tokens(before), budget-ofAfter)
	return ofBefore, min(tokens(after), budget-ofBefore)
}
