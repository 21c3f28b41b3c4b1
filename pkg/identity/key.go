package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// PrivateKeys gives the key that signs at a time, and its id.
type PrivateKeys interface {
	Signing(now time.Time) (key ed25519.PrivateKey, id string)
}

// PublicKeys finds the key of an id; ok is false for one that is not known or
// whose signatures don't count at that time. An empty id stands for the only
// key.
type PublicKeys interface {
	Public(id string, now time.Time) (key ed25519.PublicKey, ok bool)
}

// KeyID names a key by its thumbprint (RFC 7638, RFC 8037).
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// onePrivate and onePublic are keys that never change.
type onePrivate struct {
	key ed25519.PrivateKey
	id  string
}

func (o onePrivate) Signing(time.Time) (key ed25519.PrivateKey, id string) { return o.key, o.id }

type onePublic struct {
	key ed25519.PublicKey
	id  string
}

func (o onePublic) Public(id string, _ time.Time) (ed25519.PublicKey, bool) {
	return o.key, id == o.id || id == ""
}
