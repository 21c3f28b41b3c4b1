package seal

import (
	"crypto/aes"
	"crypto/cipher"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// ErrUnreadable answers sealed data that does not belong where it was found,
// was changed, or was sealed with another key. Nothing of it is given.
var ErrUnreadable = apperr.New(apperr.Internal, "SEALED_DATA_UNREADABLE",
	"This stored data can't be read: it was changed outside of Atrium, or its key is gone.")

// Place is where a sealed value is kept. What is sealed in one place can't be
// opened in another.
type Place struct {
	// Table and Column are names of the program's own, without NUL.
	Table, Column string
	// Row is zero when the owner alone says which row it is.
	Row uuid.UUID
}

// version is the first byte of everything sealed: AES-256-GCM, a random nonce
// of 96 bits, the tag at the end.
const version = 1

// Overhead is how much longer a sealed value is, in bytes.
const Overhead = 1 + 12 + 16

// Box seals and opens with one key. It is safe for use by many goroutines.
type Box struct {
	aead  cipher.AEAD
	owner uuid.UUID
}

// NewBox makes the box of a 32-byte key and of whose data it is. Most data has
// a data key of its owner (see Keys); this is for a key that serves nothing else
// and data that may be lost with it.
func NewBox(key []byte, owner uuid.UUID) *Box {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("seal: " + err.Error()) // only for another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("seal: " + err.Error()) // only for another cipher
	}
	return &Box{aead: aead, owner: owner}
}

// Seal gives the value sealed for a place.
func (b *Box) Seal(at Place, plaintext []byte) []byte {
	var room [maxPlace]byte
	sealed := make([]byte, 1, len(plaintext)+Overhead)
	sealed[0] = version
	return b.aead.Seal(sealed, nil, plaintext, b.bind(room[:0], at)) //nolint:gosec // the AEAD makes its own random nonce
}

// Open gives the value that was sealed for a place, or ErrUnreadable.
func (b *Box) Open(at Place, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != version {
		return nil, ErrUnreadable
	}
	var room [maxPlace]byte
	plaintext, err := b.aead.Open(nil, nil, sealed[1:], b.bind(room[:0], at))
	if err != nil {
		return nil, ErrUnreadable
	}
	return plaintext, nil
}

// maxPlace is more than any place takes, so that binding needs no memory.
const maxPlace = 128

// bind writes the associated data: no two places and owners have the same.
func (b *Box) bind(data []byte, at Place) []byte {
	data = append(data, version)
	data = append(append(data, at.Table...), 0)
	data = append(append(data, at.Column...), 0)
	data = append(data, at.Row[:]...)
	return append(data, b.owner[:]...)
}
