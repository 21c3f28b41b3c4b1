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

// maxStems bounds how many words' stems are remembered.
const maxStems = 10_000

// Query is what somebody looks for: every word must be there. It remembers the
// stems of words that it has met, since texts share most of theirs, and is for
// one search.
type Query struct {
	words []wanted
	stems map[string][2]string
}

type wanted struct {
	word
	// begun says that it may be the beginning of a word.
	begun bool
	stem  [2]string
}

// Parse reads a query. Somebody is still typing the last word. It answers
// ErrNoWords.
func Parse(text string) (Query, error) {
	q := Query{stems: map[string][2]string{}}
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

// stemsOf is what is left of a text's word without its endings.
func (q Query) stemsOf(w word) [2]string {
	stems, known := q.stems[w.plain]
	if !known {
		if stems = w.stems(); len(q.stems) < maxStems {
			q.stems[strings.Clone(w.plain)] = stems // without the text that it is of
		}
	}
	return stems
}

// meets says whether a word of a text is one that is wanted.
func (q Query) meets(w wanted, of word) bool {
	switch {
	case w.gram || of.gram || w.plain == of.plain:
		return w.plain == of.plain
	case w.plain[0] != of.plain[0]: // no ending changes how a word begins
		return false
	}
	stems := q.stemsOf(of)
	return w.stem[0] == stems[0] || w.stem[1] == stems[1] || w.begun && strings.HasPrefix(of.plain, w.plain)
}

// Find looks whether a text has every word, and shows where.
func (q Query) Find(text string) (Snippet, bool) {
	found := make([]bool, len(q.words))
	var hits []word
	for w := range words(text) {
		hit := false
		for i, want := range q.words {
			if q.meets(want, w) {
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
