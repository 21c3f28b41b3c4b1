package account

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"sort"
	"strings"
	"unicode"
)

// breached are the first fingerprintSize bytes of the SHA-256 of 43,184
// passwords in lower case, sorted: those that breaches show to be used most.
// tools/breached-passwords.mjs makes the file. One in 25 million passwords that
// are not among them is taken for one that is.
//
//go:embed breached.bin
var breached []byte

const (
	fingerprintSize = 5
	// maxTail is how many digits and signs behind a known password don't make
	// it another one: "Sunshine2024!" is no better than "sunshine".
	maxTail = 4
)

// isBreached reports whether a password is known from breaches, as it is, with
// a short tail of digits and signs, or written twice.
func isBreached(password string) bool {
	lower := strings.ToLower(password)
	half := lower[:len(lower)/2]
	if hasFingerprint(lower) || lower == half+half && hasFingerprint(half) {
		return true
	}
	letters := []rune(lower)
	for tail := 1; tail <= maxTail && tail < len(letters) && !unicode.IsLetter(letters[len(letters)-tail]); tail++ {
		if hasFingerprint(string(letters[:len(letters)-tail])) {
			return true
		}
	}
	return false
}

func hasFingerprint(word string) bool {
	sum := sha256.Sum256([]byte(word))
	want := sum[:fingerprintSize]
	at := func(i int) []byte { return breached[i*fingerprintSize : (i+1)*fingerprintSize] }
	n := len(breached) / fingerprintSize
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), want) >= 0 })
	return i < n && bytes.Equal(at(i), want)
}
