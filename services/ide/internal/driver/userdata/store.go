package userdata

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/volume"
)

// Options say where a Store is. DataDir is required.
type Options struct {
	// DataDir holds the users' files and the drivers' notes.
	DataDir string
	// RunDir holds sockets and what else goes with a sandbox; empty chooses a
	// short path.
	RunDir string
	// FirstUID begins the range of uids given to users; 0 is 200000.
	FirstUID int
	// Reserve is how many bytes of the disk stay free of users' files.
	Reserve int64
	// Unlimited makes new users' folders plain ones, which nothing limits.
	Unlimited bool
	Log       *slog.Logger
}

// Store is the users' files and accounts on this machine.
type Store struct {
	Layout
	accounts accounts
	volumes  *volume.Set
}

var (
	_ driver.Volumes  = (*Store)(nil)
	_ driver.Exporter = (*Store)(nil)
	_ driver.Folders  = (*Store)(nil)
	_ driver.Limiter  = (*Store)(nil)
)

// maxRunDir keeps <run dir>/<uuid>/socket/editor.sock below the 108 bytes that
// the kernel allows for a socket's path.
const maxRunDir = 48

// New makes a store. It does no I/O.
func New(o Options) (*Store, error) {
	if o.DataDir == "" {
		return nil, errors.New("the users' files need a data directory")
	}
	data, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if o.RunDir == "" {
		o.RunDir = shortRunDir(data)
	}
	if len(o.RunDir) > maxRunDir {
		return nil, fmt.Errorf("run directory %s: longer than %d characters, too long for a socket's path", o.RunDir, maxRunDir)
	}
	if o.RunDir, err = filepath.Abs(o.RunDir); err != nil {
		return nil, fmt.Errorf("run directory: %w", err)
	}
	if o.FirstUID == 0 {
		o.FirstUID = 200000
	}
	l := Layout{Data: data, Run: o.RunDir}
	return &Store{
		Layout:   l,
		accounts: accounts{file: filepath.Join(l.Notes(), "accounts.json"), first: o.FirstUID, root: os.Geteuid() == 0},
		volumes: volume.New(volume.Options{
			Images: filepath.Join(data, "volumes"), Folders: l.users(), Reserve: o.Reserve, Off: o.Unlimited, Log: o.Log,
		}),
	}, nil
}

// UID gives the uid that a user's files and processes have, a new one to a new
// user. Without root it is this process's own for everybody.
func (s *Store) UID(owner driver.Owner) (int, error) { return s.accounts.uid(owner) }

// Forget removes from the list of accounts what UID gave a uid to; nobody else
// gets that one.
func (s *Store) Forget(owner driver.Owner) error { return s.accounts.forget(owner) }

// Nobody is a uid that no user has, for a trial; without root, this process's own.
func (s *Store) Nobody() int {
	if !s.accounts.root {
		return os.Geteuid()
	}
	return s.accounts.first - 1
}

// shortRunDir is <data>/run when that is short enough, else a folder of the
// system's temporary directory that belongs to this data directory alone.
func shortRunDir(data string) string {
	if run := filepath.Join(data, "run"); len(run) <= maxRunDir {
		return run
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join("/tmp", fmt.Sprintf("atrium-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:4])))
}
