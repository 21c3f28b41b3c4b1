package share

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// tokenSize is how long a token is, in bytes: nobody guesses one.
const tokenSize = 32

// Token is the secret part of a link. Whoever has it can read the picture.
type Token [tokenSize]byte

// NewToken makes a token that nobody knows.
func NewToken() (t Token) {
	rand.Read(t[:])
	return t
}

// ParseToken reads a token as links have it; anything else is ErrNotFound.
func ParseToken(text string) (t Token, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != tokenSize || Token(raw).String() != text { // the decoder passes over line ends
		return Token{}, ErrNotFound
	}
	return Token(raw), nil
}

// String is the token as links have it.
func (t Token) String() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Hash is by what a token is looked up; it gives nothing away.
func (t Token) Hash() []byte {
	sum := sha256.Sum256(t[:])
	return sum[:]
}
