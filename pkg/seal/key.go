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
	return &Key{Box: newBox(keys.Derive(secret, "columns"), owner), secret: secret}
}

// For gives the box of another purpose than columns, whose sealed values mean
// nothing to any other. The caller keeps it as long as needed.
func (k *Key) For(purpose string) *Box {
	return newBox(keys.Derive(k.secret, "purpose "+purpose), k.owner)
}

func newSecret() []byte {
	secret := make([]byte, keys.Size)
	rand.Read(secret)
	return secret
}
