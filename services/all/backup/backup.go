package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/version"
)

var safeRole = regexp.MustCompile(`^atrium_[a-z_]{1,40}$`)

// ErrNotEmpty is returned when there is something where a backup is to go to.
var ErrNotEmpty = errors.New("the target is not empty; nothing was changed (--force replaces what is there)")

// Platform is where a platform keeps things.
type Platform struct {
	Database config.Secret
	// DataDir is the data directory, KeyFile the file of the deployment's key.
	DataDir, KeyFile string
	// Progress gets a line for each step.
	Progress io.Writer
}

// Keys says what becomes of the keys.
type Keys struct {
	// PassphraseFile has what shuts or opens them.
	PassphraseFile string
	// Without leaves them out, InClear does not encrypt them.
	Without, InClear bool
}

// Write makes a backup in a new folder. It is not there before it is whole.
func Write(ctx context.Context, p Platform, dir string, k Keys) (err error) {
	var phrase string
	switch {
	case k.PassphraseFile != "":
		if phrase, err = passphrase(k.PassphraseFile); err != nil {
			return err
		}
	case !k.Without && !k.InClear:
		return ErrNoPassphrase
	}
	if exists(dir) {
		return fmt.Errorf("%s is there already: a backup goes into a folder of its own", dir)
	}
	part := dir + ".partial"
	if err := os.Mkdir(part, 0o700); err != nil {
		return fmt.Errorf("make the backup's folder (one of a backup that was cut short may be removed): %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	m := &Manifest{Format: format, Version: version.Version, Begun: time.Now().UTC(), Files: map[string]File{}}
	w := writing{p, part, m}
	db, err := openPostgres(p.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	p.say("database …")
	if m.Roles, err = db.dump(ctx, part); err != nil {
		return err
	}
	if err := errors.Join(w.done(contentFile), w.done(wrappedFile)); err != nil {
		return err
	}
	if err := w.files(ctx); err != nil {
		return err
	}
	if err := w.keys(ctx, k, phrase); err != nil {
		return err
	}
	m.Ended = time.Now().UTC()
	if err := m.write(part); err != nil {
		return err
	}
	if err := os.Rename(part, dir); err != nil {
		return err
	}
	p.say("done: %s, %d files", dir, len(m.Files))
	return nil
}

func (p Platform) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Progress, format+"\n", args...) // who does not look on is not told
}

type writing struct {
	Platform
	dir      string
	manifest *Manifest
}

func (w writing) done(name string) error {
	f, err := w.manifest.add(w.dir, name)
	if err == nil {
		w.say("%s: %d bytes", name, f.Bytes)
	}
	return err
}

func (w writing) files(ctx context.Context) error {
	all, err := users(w.DataDir)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		w.say("no users' files in %s", w.DataDir)
	}
	if err := os.Mkdir(filepath.Join(w.dir, "users"), 0o700); err != nil {
		return err
	}
	for i, user := range all {
		w.say("files of user %d of %d …", i+1, len(all))
		name := filepath.Join("users", user+".tar")
		if err := copyUser(ctx, filepath.Join(w.dir, name), w.DataDir, user); err != nil {
			return err
		}
		if err := w.done(name); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(w.DataDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var rest []string
	for _, e := range entries {
		if !slices.Contains(apart, e.Name()) {
			rest = append(rest, e.Name())
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if err := tar(ctx, filepath.Join(w.dir, dataFile), w.DataDir, rest...); err != nil {
		return err
	}
	return w.done(dataFile)
}

func (w writing) keys(ctx context.Context, k Keys, phrase string) error {
	if k.Without {
		w.say("the keys are not in it: without a copy of %s nobody can read it", w.KeyFile)
		return nil
	}
	plain := filepath.Join(w.dir, keysFile)
	if err := packKeys(ctx, plain, w.DataDir, w.KeyFile); err != nil {
		return err
	}
	if err := os.Chmod(plain, 0o600); err != nil {
		return err
	}
	if phrase == "" {
		return w.done(keysFile)
	}
	if err := errors.Join(sealFile(plain, filepath.Join(w.dir, sealedKeys), phrase), os.Remove(plain)); err != nil {
		return err
	}
	return w.done(sealedKeys)
}
