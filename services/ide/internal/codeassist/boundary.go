package codeassist

import "strings"

// complete cuts a completion where a thought ends: with the block that the
// cursor is in, and if it was cut off by its bound, after its last whole line,
// best one that leaves no bracket open, else before a half word.
func complete(text, before string, cut bool) string {
	text = untilDedent(text, before)
	if !cut {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	if len(lines) == 1 {
		return withoutHalfWord(text)
	}
	lines = lines[:len(lines)-1]
	for n := len(lines); n > 0; n-- {
		whole := strings.Join(lines[:n], "")
		if depth(whole) <= 0 && strings.TrimSpace(whole) != "" {
			return whole
		}
	}
	return strings.Join(lines, "")
}

// untilDedent ends a text with the block that it was begun in: before a line
// that stands further left than the cursor's, which may still close the block,
// and before a new paragraph at the cursor's own level.
func untilDedent(text, before string) string {
	own := indentation(lastLine(before))
	lines := strings.SplitAfter(text, "\n")
	blank := false
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			blank = blank || i > 0
			continue
		}
		if i == 0 {
			continue
		}
		done := strings.Join(lines[:i], "")
		if strings.TrimSpace(done) == "" { // the text begins on the next line
			blank = false
			continue
		}
		here := width(indentation(line))
		switch {
		case here < width(own) && closes(line):
			return done + line
		case here < width(own), blank && here <= width(own) && depth(done) <= 0:
			return done
		}
		blank = false
	}
	return text
}

// closes reports whether a line ends a block and does nothing else.
func closes(line string) bool {
	line = strings.TrimSpace(line)
	return line == "end" || line == "fi" || line == "done" || line == "esac" || strings.Trim(line, "})];,") == ""
}

// withoutHalfWord drops a word at the end that may not be whole.
func withoutHalfWord(text string) string {
	end := strings.LastIndexFunc(text, func(r rune) bool { return !isWordRune(r) })
	return text[:end+1]
}

// depth is how many brackets a text leaves open; fewer than none when it closes
// some that it has not opened. Brackets in quotes on one line don't count.
func depth(text string) (open int) {
	var quote rune
	escaped := false
	for _, r := range text {
		switch {
		case r == '\n':
			quote, escaped = 0, false
		case escaped:
			escaped = false
		case quote != 0:
			escaped = r == '\\'
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'' || r == '`':
			quote = r
		case strings.ContainsRune("([{", r):
			open++
		case strings.ContainsRune(")]}", r):
			open--
		}
	}
	return open
}
