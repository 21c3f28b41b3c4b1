package fakeai

import "unicode/utf8"

// Counts is what the fake says a call used, in tokens. Input is what was read
// outside the prompt cache; the three input kinds add up to the whole prompt.
type Counts struct {
	Input, CacheRead, CacheWrite, Output int64
}

// Prompt is the whole prompt in tokens.
func (c Counts) Prompt() int64 { return c.Input + c.CacheRead + c.CacheWrite }

// Tokens is the fake's tokenizer: three characters make a token. It is unlike
// any estimate on purpose, so that a test notices a count that is not the
// provider's.
func Tokens(text string) int64 {
	return int64(utf8.RuneCountInString(text)+2) / 3
}

// clip returns the part of text that fits into limit tokens.
func clip(text string, limit int64) (string, bool) {
	if Tokens(text) <= limit {
		return text, false
	}
	runes := int64(0)
	for i := range text {
		if runes == limit*3 {
			return text[:i], true
		}
		runes++
	}
	return text, false
}
