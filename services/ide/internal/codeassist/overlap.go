package codeassist

import (
	"strings"
	"unicode/utf8"
)

// withoutOverlap cuts the longest end of the text with which the code after the
// cursor begins. White space alone is no overlap worth cutting for.
func withoutOverlap(text, after string) string {
	rest := strings.TrimLeft(after, " \t\r\n")
	gap := after[:len(after)-len(rest)]
	for n := min(len(text), len(rest)); n > 0; n-- {
		if strings.HasSuffix(text, rest[:n]) && repeats(text[:len(text)-n], rest[:n], rest[n:], gap) {
			return strings.TrimRight(text[:len(text)-n], " \t\r\n")
		}
	}
	return text
}

// repeats tells a true repetition from an end that only happens to look like
// what comes after the cursor, a gap of white space further on.
func repeats(kept, overlap, rest, gap string) bool {
	if open := depth(kept); open > 0 && depth(kept+overlap) >= 0 && depth(overlap) < 0 {
		return false // it closes what the text itself has opened
	}
	if strings.Trim(overlap, "([{}]);,") == "" {
		return true
	}
	if inWord(overlap, rest) || gap != "" && inWord(kept, overlap) {
		return false
	}
	return !strings.Contains(gap, "\n") || strings.TrimSpace(lastLine(kept)) == ""
}

// inWord reports whether the place between two texts is within a word.
func inWord(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return before != "" && after != "" && isWordRune(last) && isWordRune(first)
}
