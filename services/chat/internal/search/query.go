package search

import (
	"slices"
	"strings"

	"atrium.internal/pkg/apperr"
)

// maxWords is how many words of a query count.
const maxWords = 16

// ErrNoWords answers a query of signs alone.
var ErrNoWords = apperr.New(apperr.InvalidArgument, "SEARCH_EMPTY",
	"There is no word to search for.").WithField("q", "must have a letter or a digit")

// Query is what somebody looks for: every word must be there.
type Query struct{ words []wanted }

type wanted struct {
	word
	// begun says that it may be the beginning of a word.
	begun bool
	stem  [2]string
}

// Parse reads a query. Somebody is still typing the last word. It answers
// ErrNoWords.
func Parse(text string) (Query, error) {
	var q Query
	for w := range words(text) {
		if !slices.ContainsFunc(q.words, func(other wanted) bool { return other.plain == w.plain }) {
			q.words = append(q.words, wanted{word: w, stem: w.stems()})
		}
	}
	if len(q.words) == 0 {
		return Query{}, ErrNoWords
	}
	// So short a beginning has no hash.
	if last := &q.words[len(q.words)-1]; last.end == len(text) && len(beginnings(last.word)) > 0 {
		last.begun = true
	}
	if len(q.words) > maxWords {
		q.words = q.words[:maxWords]
	}
	return q, nil
}

func (w wanted) is(of word) bool {
	switch {
	case w.gram || of.gram || w.plain == of.plain:
		return w.plain == of.plain
	case w.plain[0] != of.plain[0]: // no ending changes how a word begins
		return false
	}
	stems := of.stems()
	return w.stem[0] == stems[0] || w.stem[1] == stems[1] || w.begun && strings.HasPrefix(of.plain, w.plain)
}

// Find looks whether a text has every word, and shows where.
func (q Query) Find(text string) (Snippet, bool) {
	found := make([]bool, len(q.words))
	var hits []word
	for w := range words(text) {
		hit := false
		for i, want := range q.words {
			if want.is(w) {
				found[i], hit = true, true
			}
		}
		if hit {
			hits = append(hits, w)
		}
	}
	if slices.Contains(found, false) {
		return Snippet{}, false
	}
	return snippet(text, hits), true
}
