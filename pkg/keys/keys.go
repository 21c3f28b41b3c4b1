// Package keys reads and makes the key files of a deployment and derives the
// keys of single purposes from them.
package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Size of a deployment key and of a derived key, in bytes.
const Size = 32

// LoadOrCreate reads a deployment key (32 bytes as hexadecimal text), or makes
// one with mode 0600 when the file is not there; created says which.
func LoadOrCreate(path string) (key []byte, created bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, Size)
		rand.Read(key)
		return key, true, writeNew(path, []byte(hex.EncodeToString(key)+"\n"), 0o600)
	}
	if err != nil {
		return nil, false, fmt.Errorf("key file: %w", err)
	}
	key, err = hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != Size {
		return nil, false, fmt.Errorf("key file %s: want %d bytes as hexadecimal digits", path, Size)
	}
	return key, false, nil
}

// Derive gives the key of one purpose; the same secret and purpose always give
// the same key, and none tells anything about another.
func Derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, Size)
	if err != nil {
		panic("keys: " + err.Error()) // only for lengths that Size is far from
	}
	return key
}
