package codeassist

import "strings"

// fit takes from an answer what can be inserted: no fence, nothing that already
// stands before the cursor on its line or after it, and nothing past the block
// that the cursor is in.
func fit(answer, before, after string, cut bool) string {
	text := withoutEcho(withoutFence(answer), before)
	text = complete(text, before, cut)
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

// withoutEcho drops what the text repeats of the code before the cursor: the
// last lines, or the beginning of the cursor's own line, with its indentation
// or without.
func withoutEcho(text, before string) string {
	const most = 20
	for start, n := len(before), 0; start > 0 && n < most; n++ {
		start = strings.LastIndexByte(before[:start-1], '\n') + 1
		echo := before[start:]
		if rest, ok := strings.CutPrefix(text, echo); ok && strings.TrimSpace(echo) != "" && strings.Contains(echo, "\n") {
			return rest
		}
	}
	line := lastLine(before)
	if trimmed := strings.TrimLeft(line, " \t"); strings.TrimSpace(line) != "" {
		if rest, ok := strings.CutPrefix(text, line); ok {
			return rest
		}
		if rest, ok := strings.CutPrefix(text, trimmed); ok && len(trimmed) > 2 {
			return rest
		}
		return text
	}
	return strings.TrimPrefix(text, line)
}
