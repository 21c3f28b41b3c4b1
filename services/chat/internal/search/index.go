package search

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"
	"unicode/utf8"
)

// The beginnings of words that have a hash of their own, in characters. A
// longer beginning is looked for by the longest of these, and then compared.
const short, long = 3, 5

// maxTerms bounds the entry of one text.
const maxTerms = 20_000

// Index makes the hashes by which one user's texts are known. It is for one
// goroutine.
type Index struct{ mac hash.Hash }

// New makes an index with a key of the user's.
func New(key []byte) Index { return Index{mac: hmac.New(sha256.New, key)} }

// Terms are the hashes of a text, sorted and each once.
func (x Index) Terms(text string) []int64 {
	seen, terms := map[string]bool{}, map[int64]struct{}{}
	for w := range words(text) {
		if seen[w.plain] {
			continue
		}
		seen[w.plain] = true
		stems := w.stems()
		terms[x.term('s', stems[0])] = struct{}{}
		if stems[1] != stems[0] {
			terms[x.term('s', stems[1])] = struct{}{}
		}
		for _, n := range beginnings(w) {
			terms[x.term('b', prefix(w.plain, n))] = struct{}{}
		}
		if len(terms) >= maxTerms {
			break
		}
	}
	return slices.Sorted(maps.Keys(terms))
}

// beginnings are the lengths of the word's beginnings that have a hash.
func beginnings(w word) []int {
	switch n := utf8.RuneCountInString(w.plain); {
	case w.gram || n < short:
		return nil
	case n < long:
		return []int{short}
	}
	return []int{short, long}
}

// Wanted gives, for each word of a query, the hashes of which a text must have one.
func (x Index) Wanted(q Query) [][]int64 {
	wanted := make([][]int64, len(q.words))
	for i, w := range q.words {
		stems := w.stems()
		terms := []int64{x.term('s', stems[0])}
		if stems[1] != stems[0] {
			terms = append(terms, x.term('s', stems[1]))
		}
		if lengths := beginnings(w.word); w.begun {
			terms = append(terms, x.term('b', prefix(w.plain, lengths[len(lengths)-1])))
		}
		wanted[i] = terms
	}
	return wanted
}

func (x Index) term(kind byte, text string) int64 {
	x.mac.Reset()
	x.mac.Write([]byte{kind})
	x.mac.Write([]byte(text))
	var sum [sha256.Size]byte
	return int64(binary.BigEndian.Uint64(x.mac.Sum(sum[:0])))
}
