package keys

import (
	"cmp"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/reload"
)

func readPrivate(path string) ([]privateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("identity key: %w", err)
	}
	return parsePrivate([]reload.File{{Path: path, Content: text}})
}

// parsePrivate gives the private keys of files, in the order of their time.
func parsePrivate(files []reload.File) ([]privateKey, error) {
	var found []privateKey
	err := blocks(files, "identity key", func(b *pem.Block) error {
		parsed, err := x509.ParsePKCS8PrivateKey(b.Bytes)
		if err != nil {
			return err
		}
		key, ok := parsed.(ed25519.PrivateKey)
		if !ok {
			return errNotEd25519
		}
		at, err := timeOf(b, headerNotBefore)
		found = append(found, privateKey{key: key, id: identity.KeyID(key.Public().(ed25519.PublicKey)), notBefore: at})
		return err
	})
	slices.SortStableFunc(found, func(a, b privateKey) int { return cmp.Compare(a.notBefore.Unix(), b.notBefore.Unix()) })
	return found, err
}

// parsePublic gives the public keys of files. Of a key that is there twice, the
// earlier end holds.
func parsePublic(files []reload.File) ([]publicKey, error) {
	var found []publicKey
	err := blocks(files, "identity public key", func(b *pem.Block) error {
		parsed, err := x509.ParsePKIXPublicKey(b.Bytes)
		if err != nil {
			return err
		}
		key, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return errNotEd25519
		}
		at, err := timeOf(b, headerNotAfter)
		if err != nil {
			return err
		}
		id := identity.KeyID(key)
		i := slices.IndexFunc(found, func(p publicKey) bool { return p.id == id })
		switch {
		case i < 0:
			found = append(found, publicKey{key: key, id: id, notAfter: at})
		case found[i].notAfter.IsZero() || !at.IsZero() && at.Before(found[i].notAfter):
			found[i].notAfter = at
		}
		return nil
	})
	return found, err
}

var errNotEd25519 = errors.New("want an Ed25519 key")

// blocks gives each PEM block of the files; every file must have one.
func blocks(files []reload.File, what string, each func(*pem.Block) error) error {
	if len(files) == 0 {
		return fmt.Errorf("%s: no *.pem file in the folder", what)
	}
	for _, file := range files {
		b, rest := pem.Decode(file.Content)
		if b == nil {
			return fmt.Errorf("%s %s: not a PEM file", what, file.Path)
		}
		for ; b != nil; b, rest = pem.Decode(rest) {
			if err := each(b); err != nil {
				return fmt.Errorf("%s %s: %w", what, file.Path, err)
			}
		}
	}
	return nil
}

// timeOf reads a header; zero when it isn't there.
func timeOf(b *pem.Block, header string) (time.Time, error) {
	text, ok := b.Headers[header]
	if !ok {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", header, err)
	}
	return at, nil
}
