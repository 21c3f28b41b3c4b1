package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Read puts a backup where a platform keeps things, after every checksum was
// looked at. Nothing may run there. With force it replaces what is there: schemas
// are dropped, files moved aside.
func Read(ctx context.Context, p Platform, dir string, k Keys, force bool) (err error) {
	p.say("checksums …")
	m, err := open(dir)
	if err != nil {
		return err
	}
	keys, err := openKeys(ctx, m, dir, k)
	if err != nil {
		return err
	}
	if keys != "" {
		defer func() { err = errors.Join(err, os.RemoveAll(keys)) }()
	}
	occupied := occupiedBy(p)
	if len(occupied) > 0 && !force {
		return fmt.Errorf("%w: there is %s", ErrNotEmpty, strings.Join(occupied, ", "))
	}
	db, err := openPostgres(p.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	p.say("database …")
	if err := db.restore(ctx, dir, m.Roles, force); err != nil {
		return err
	}
	aside := time.Now().UTC().Format(".before-20060102T150405")
	for _, path := range occupied {
		if err := os.Rename(path, path+aside); err != nil {
			return err
		}
	}
	if err := p.putFiles(ctx, m, dir); err != nil {
		return err
	}
	if keys == "" {
		p.say("the backup has no keys: put the deployment's key at %s before the start", p.KeyFile)
		return nil
	}
	if err := p.putKeys(keys); err != nil {
		return err
	}
	p.say("done: start Atrium")
	return nil
}

func occupiedBy(p Platform) (paths []string) {
	for _, path := range []string{filepath.Join(p.DataDir, "users"), filepath.Join(p.DataDir, "volumes"), p.KeyFile} {
		entries, err := os.ReadDir(path)
		if exists(path) && (err != nil || len(entries) > 0) {
			paths = append(paths, path)
		}
	}
	return paths
}

func (p Platform) putFiles(ctx context.Context, m *Manifest, dir string) error {
	for _, name := range []string{"users", "volumes"} {
		// Users' own processes must be able to reach their folders, and no image.
		mode := map[string]os.FileMode{"users": 0o711, "volumes": 0o700}[name]
		if err := os.MkdirAll(filepath.Join(p.DataDir, name), mode); err != nil {
			return err
		}
	}
	n := 0
	for name := range m.Files {
		if name != dataFile && filepath.Dir(name) != "users" {
			continue
		}
		n++
		p.say("files, archive %d: %s", n, name)
		if err := untar(ctx, filepath.Join(dir, name), p.DataDir); err != nil {
			return err
		}
	}
	return nil
}

// openKeys gives a folder with the keys in clear; empty when the backup has none.
func openKeys(ctx context.Context, m *Manifest, dir string, k Keys) (folder string, err error) {
	_, sealed := m.Files[sealedKeys]
	_, plain := m.Files[keysFile]
	if k.Without || !sealed && !plain {
		return "", nil
	}
	if folder, err = os.MkdirTemp("", "atrium-keys-"); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	archive := filepath.Join(dir, keysFile)
	if sealed {
		if k.PassphraseFile == "" {
			return folder, ErrNoPassphrase
		}
		phrase, err := passphrase(k.PassphraseFile)
		if err != nil {
			return folder, err
		}
		archive = filepath.Join(folder, keysFile)
		if err := unsealFile(filepath.Join(dir, sealedKeys), archive, phrase); err != nil {
			return folder, err
		}
	}
	inside := filepath.Join(folder, "keys")
	if err := os.Mkdir(inside, 0o700); err != nil {
		return folder, err
	}
	return folder, untar(ctx, archive, inside)
}

// putKeys puts every key in its place that is not there; the deployment's key is
// the backup's.
func (p Platform) putKeys(folder string) error {
	inside := filepath.Join(folder, "keys")
	text, err := os.ReadFile(filepath.Join(inside, "deployment.key"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.KeyFile), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(p.KeyFile, text, 0o600); err != nil {
		return err
	}
	if certificates := filepath.Join(inside, "certificates"); exists(certificates) && !exists(filepath.Join(p.DataDir, "certificates")) {
		return os.CopyFS(filepath.Join(p.DataDir, "certificates"), os.DirFS(certificates))
	}
	return nil
}
