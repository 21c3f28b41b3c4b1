package keys

import (
	"crypto/ed25519"
	"log/slog"
	"time"

	"atrium.internal/pkg/reload"
)

// Private are the gateway's identity keys in a file, read again when it changes.
type Private struct{ keys *reload.Value[[]privateKey] }

// OpenPrivate reads the file; EnsureIdentity makes it.
func OpenPrivate(log *slog.Logger, path string) (*Private, error) {
	value, err := reload.Open(log, parsePrivate, path)
	if err != nil {
		return nil, err
	}
	return &Private{keys: value}, nil
}

// Signing gives the newest key whose time has come, and its id.
func (p *Private) Signing(now time.Time) (key ed25519.PrivateKey, id string) {
	at := current(p.keys.Get(), now)
	return at.key, at.id
}

// current is the key that signs: the last whose time has come, or the first of
// all should the clock be before every one.
func current(keys []privateKey, now time.Time) privateKey {
	found := keys[0]
	for _, key := range keys {
		if !key.notBefore.After(now) {
			found = key
		}
	}
	return found
}

// Public are the identity keys that a service believes, in a file or a folder
// of *.pem files, read again when these change.
type Public struct{ keys *reload.Value[[]publicKey] }

// OpenPublic reads the file or folder.
func OpenPublic(log *slog.Logger, path string) (*Public, error) {
	value, err := reload.Open(log, parsePublic, path)
	if err != nil {
		return nil, err
	}
	return &Public{keys: value}, nil
}

// Public gives the key of an id if its signatures count now. The files are
// looked at again for an id that is not known. Without an id it is the only
// key: tokens had none before keys could be rotated.
func (p *Public) Public(id string, now time.Time) (ed25519.PublicKey, bool) {
	found, known := find(p.keys.Get(), id)
	if !known {
		found, known = find(p.keys.Refresh(), id)
	}
	if !known || !found.notAfter.IsZero() && now.After(found.notAfter) {
		return nil, false
	}
	return found.key, true
}

func find(keys []publicKey, id string) (publicKey, bool) {
	if id == "" && len(keys) == 1 {
		return keys[0], true
	}
	for _, key := range keys {
		if key.id == id {
			return key, true
		}
	}
	return publicKey{}, false
}
