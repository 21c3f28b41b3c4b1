package seal

import (
	"crypto/rand"

	"github.com/google/uuid"

	"atrium.internal/pkg/keys"
)

// Key is a data key that is open: the one of a user in one service. Its own box
// is for columns of the database. It is safe for use by many goroutines.
type Key struct {
	*Box
	secret []byte
}

func openKey(secret []byte, owner uuid.UUID) *Key {
	return &Key{Box: NewBox(keys.Derive(secret, "columns"), owner), secret: secret}
}

// For gives the box of another purpose than columns, whose sealed values mean
// nothing to any other. The caller keeps it as long as needed.
func (k *Key) For(purpose string) *Box {
	return NewBox(keys.Derive(k.secret, "purpose "+purpose), k.owner)
}

// Secret gives the box of a purpose of a secret that is nobody's data key, such
// as the one in a link. The secret must have been random.
func Secret(secret []byte, purpose string) *Box {
	return NewBox(keys.Derive(secret, "secret "+purpose), uuid.Nil)
}

// Tag gives a 32-byte key for keyed hashes of a purpose, which sealed values
// have nothing to do with.
func (k *Key) Tag(purpose string) []byte { return keys.Derive(k.secret, "tag "+purpose) }

func newSecret() []byte {
	secret := make([]byte, keys.Size)
	rand.Read(secret)
	return secret
}
