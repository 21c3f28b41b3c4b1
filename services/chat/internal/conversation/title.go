package conversation

import (
	"strings"
	"unicode/utf8"
)

// titleLength is about how long a title made from a message is, in characters.
const titleLength = 60

// TitleFrom makes a title of a conversation's first message: its beginning, on
// one line, cut between words where there are any.
func TitleFrom(content string) string {
	line := strings.Join(strings.Fields(prefix(content, 20*titleLength)), " ")
	if utf8.RuneCountInString(line) <= titleLength {
		return line
	}
	cut := prefix(line, titleLength)
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.-") + "…"
}

// prefix is at most the first n characters of a text.
func prefix(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
