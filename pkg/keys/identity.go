package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"atrium.internal/pkg/identity"
)

// Headers of PEM blocks that a rotation writes: when a private key begins to
// sign, and when signatures by a public one stop to count. A key without them
// is good at any time.
const (
	headerNotBefore = "Not-Before"
	headerNotAfter  = "Not-After"
)

const (
	privateType = "PRIVATE KEY"
	publicType  = "PUBLIC KEY"
)

// grace is how long tokens of a key that signs no more can still arrive.
const grace = identity.Lifetime + 2*identity.Leeway

// privateKey signs from notBefore on, until the next one does.
type privateKey struct {
	key       ed25519.PrivateKey
	id        string
	notBefore time.Time
}

// publicKey counts until notAfter; zero is for good.
type publicKey struct {
	key      ed25519.PublicKey
	id       string
	notAfter time.Time
}

func newPrivateKey(notBefore time.Time) (privateKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return privateKey{}, fmt.Errorf("identity key: %w", err)
	}
	return privateKey{key: private, id: identity.KeyID(public), notBefore: notBefore}, nil
}

// publicKeys are the public halves of keys in the order of their time; all but
// the last end when their successor has signed for the grace.
func publicKeys(private []privateKey) []publicKey {
	public := make([]publicKey, len(private))
	for i, p := range private {
		public[i] = publicKey{key: p.key.Public().(ed25519.PublicKey), id: p.id}
		if i+1 < len(private) {
			public[i].notAfter = private[i+1].notBefore.Add(grace)
		}
	}
	return public
}

// EnsureIdentity makes the gateway's identity key when there is none, and the
// file of its public half when that is missing. Of several gateways that start
// at once, one makes it and all get its key.
func EnsureIdentity(path, publicPath string) error {
	unlock, err := lockFolder(path)
	if err != nil {
		return err
	}
	defer unlock()
	private, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		first, err := newPrivateKey(time.Time{})
		if err != nil {
			return err
		}
		return writeIdentity(path, publicPath, []privateKey{first})
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(publicFile(publicPath)); errors.Is(err, fs.ErrNotExist) {
		return writePublic(publicPath, private)
	}
	return nil
}

// writeIdentity publishes the public keys before anything is signed with the
// private ones.
func writeIdentity(path, publicPath string, private []privateKey) error {
	if err := writePublic(publicPath, private); err != nil {
		return err
	}
	var text []byte
	for _, p := range private {
		der, err := x509.MarshalPKCS8PrivateKey(p.key)
		if err != nil {
			return fmt.Errorf("identity key: %w", err)
		}
		text = append(text, block(privateType, der, headerNotBefore, p.notBefore)...)
	}
	return writeNew(path, text, 0o600)
}

func writePublic(path string, private []privateKey) error {
	var text []byte
	for _, p := range slices.Backward(publicKeys(private)) { // the newest first
		der, err := x509.MarshalPKIXPublicKey(p.key)
		if err != nil {
			return fmt.Errorf("identity key: %w", err)
		}
		text = append(text, block(publicType, der, headerNotAfter, p.notAfter)...)
	}
	return writeNew(publicFile(path), text, 0o644)
}

// publicFile is the file to write when the setting names a folder.
func publicFile(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, "identity.pub.pem")
	}
	return path
}

func block(kind string, der []byte, header string, at time.Time) []byte {
	b := &pem.Block{Type: kind, Bytes: der}
	if !at.IsZero() {
		b.Headers = map[string]string{header: at.UTC().Format(time.RFC3339)}
	}
	return pem.EncodeToMemory(b)
}
