package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// minPassphrase is the least that a passphrase file may hold, in bytes.
const minPassphrase = 12

// ErrNoPassphrase is returned when keys are met and nothing opens or shuts them.
var ErrNoPassphrase = errors.New("the keys open everything else: name a file with a passphrase (--passphrase-file), or say --without-keys or --keys-in-clear")

func passphrase(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("--passphrase-file: %w", err)
	}
	phrase := strings.TrimRight(string(text), "\r\n")
	if len(phrase) < minPassphrase {
		return "", fmt.Errorf("--passphrase-file: want at least %d bytes", minPassphrase)
	}
	return phrase, nil
}

// sealFile encrypts a file as `age --passphrase` does, whose --decrypt opens it too.
func sealFile(path, sealed, phrase string) (err error) {
	recipient, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(sealed, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w, err := age.Encrypt(out, recipient)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, in); err != nil {
		return err
	}
	return w.Close()
}

func unsealFile(sealed, path, phrase string) (err error) {
	identity, err := age.NewScryptIdentity(phrase)
	if err != nil {
		return err
	}
	in, err := os.Open(sealed)
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := age.Decrypt(in, identity)
	if err != nil {
		return errors.New("--passphrase-file: it does not open the backup's keys")
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, r)
	return err
}

// packKeys archives the key files: the deployment's as deployment.key, and of
// the data directory the others and the certificates.
func packKeys(ctx context.Context, archive, dataDir, keyFile string) error {
	folder, err := os.MkdirTemp("", "atrium-keys-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, name := range []string{"keys", "certificates"} {
		if !exists(filepath.Join(dataDir, name)) {
			continue
		}
		if err := os.CopyFS(filepath.Join(folder, name), os.DirFS(filepath.Join(dataDir, name))); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return fmt.Errorf("ATRIUM_KEY_FILE: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "deployment.key"), text, 0o600); err != nil {
		return err
	}
	return tar(ctx, archive, folder, ".")
}
