package search

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// before and after are how much of a text is shown around the first hit, in
// characters.
const before, after = 60, 160

// Snippet is a part of a text on one line.
type Snippet struct {
	Text string
	Hits []Span
}

// Span is a part of a snippet, in UTF-16 code units, as browsers count.
type Span struct{ Start, End int }

// snippet shows the surroundings of the first hit.
func snippet(text string, hits []word) Snippet {
	start, end := around(text, hits[0].start)
	line := &line{}
	if start > 0 {
		line.add('…')
	}
	var spans []Span
	open := -1
	for offset, r := range text[start:end] {
		at := start + offset
		for len(hits) > 0 && hits[0].end <= at {
			hits = hits[1:]
		}
		inside := len(hits) > 0 && hits[0].start <= at
		if open >= 0 && !inside {
			spans, open = append(spans, Span{open, line.units}), -1
		}
		line.add(r)
		if inside && open < 0 {
			open = line.units - utf16.RuneLen(r)
		}
	}
	if open >= 0 {
		spans = append(spans, Span{open, line.units})
	}
	if end < len(text) {
		line.add('…')
	}
	return Snippet{Text: line.text.String(), Hits: spans}
}

// around gives the bounds of what is shown, between words where there are any.
func around(text string, hit int) (start, end int) {
	start = hit
	for n := 0; n < before && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	if start > 0 {
		if i := strings.IndexFunc(text[start:hit], unicode.IsSpace); i >= 0 {
			start += i + 1
		}
	}
	end = hit
	for n := 0; n < after && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end < len(text) {
		if i := strings.LastIndexFunc(text[hit:end], unicode.IsSpace); i > 0 {
			end = hit + i
		}
	}
	return start, end
}

// line folds white space and counts code units.
type line struct {
	text  strings.Builder
	units int
	space bool
}

func (l *line) add(r rune) {
	if unicode.IsSpace(r) {
		if l.space {
			return
		}
		r = ' '
	}
	l.space = r == ' '
	l.text.WriteRune(r)
	l.units += utf16.RuneLen(r)
}
