package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
)

// accounts gives each user a uid of this machine, the same one for ever. The
// file is the only record of who owns which folder, so a uid is never reused.
type accounts struct {
	file  string
	first int
	root  bool
}

type accountFile struct {
	Next  int                  `json:"next"`
	Users map[driver.Owner]int `json:"users"`
}

// uid gives the user's uid, and takes a new one for a new user. Without root
// everybody shares the uid of this process.
func (a accounts) uid(owner driver.Owner) (int, error) {
	if !a.root {
		return os.Geteuid(), nil
	}
	lock, err := os.OpenFile(a.file+".lock", os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("account list: %w", err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return 0, fmt.Errorf("account list: %w", err)
	}
	known := accountFile{Next: a.first, Users: map[driver.Owner]int{}}
	text, err := os.ReadFile(a.file)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &known); err != nil {
			return 0, fmt.Errorf("account list %s: %w", a.file, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("account list: %w", err)
	}
	if uid, ok := known.Users[owner]; ok {
		return uid, nil
	}
	uid := known.Next
	known.Next++
	known.Users[owner] = uid
	return uid, writeJSON(a.file, known)
}

// writeJSON replaces a file whole, also when the machine stops in between.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return os.Rename(f.Name(), path)
}
