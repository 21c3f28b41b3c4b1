// Package keys reads and makes the key files of a deployment and derives the
// keys of single purposes from them.
package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
)

// Size of a deployment key and of a derived key, in bytes.
const Size = 32

// Derive gives the key of one purpose; the same secret and purpose always give
// the same key, and none tells anything about another.
func Derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, Size)
	if err != nil {
		panic("keys: " + err.Error()) // only for lengths that Size is far from
	}
	return key
}
