package search

import (
	"iter"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/german"
	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// longest is how much of a word counts, in characters.
const longest = 64

// word is a word of a text, and where it stands there in bytes.
type word struct {
	start, end int
	// plain is without case and accents.
	plain string
	// gram says that it is one or two characters of a script that doesn't put
	// spaces between words; such a word is neither stemmed nor begun.
	gram bool
}

// words gives the words of a text in their order.
func words(text string) iter.Seq[word] {
	return func(yield func(word) bool) {
		start, dense := -1, false
		for at, r := range text {
			counts := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
			if start >= 0 && (!counts || isDense(r) != dense) {
				if !emit(text, start, at, dense, yield) {
					return
				}
				start = -1
			}
			if counts && start < 0 {
				start, dense = at, isDense(r)
			}
		}
		if start >= 0 {
			emit(text, start, len(text), dense, yield)
		}
	}
}

// isDense tells the scripts that don't put spaces between words.
func isDense(r rune) bool {
	const first = 0x0E00 // Thai is the first of them
	return r >= first && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer)
}

// emit yields a run of characters as one word, or as its single characters and
// their pairs.
func emit(text string, start, end int, dense bool, yield func(word) bool) bool {
	if !dense {
		plain := plainOf(text[start:end])
		return plain == "" || yield(word{start: start, end: end, plain: plain})
	}
	before := -1
	for offset, r := range text[start:end] {
		at := start + offset
		after := at + len(string(r))
		if !yield(word{start: at, end: after, plain: plainOf(text[at:after]), gram: true}) {
			return false
		}
		if before >= 0 && !yield(word{start: before, end: after, plain: plainOf(text[before:after]), gram: true}) {
			return false
		}
		before = at
	}
	return true
}

func plainOf(text string) string {
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < 0x80
	}
	if ascii {
		return prefix(strings.ToLower(text), longest)
	}
	strip := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	plain, _, err := transform.String(strip, cases.Fold().String(text))
	if err != nil {
		return ""
	}
	return prefix(plain, longest)
}

// stems are what is left of a word without its endings, in each language that
// is known; nobody says which one a text is in.
func (w word) stems() [2]string {
	if w.gram {
		return [2]string{w.plain, w.plain}
	}
	env := snowballstem.NewEnv(w.plain)
	english.Stem(env)
	first := env.Current()
	env = snowballstem.NewEnv(w.plain)
	german.Stem(env)
	return [2]string{first, env.Current()}
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
