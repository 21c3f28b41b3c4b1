package userdata

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

// accounts gives each user a uid of this machine, the same one as long as there
// is the user. The file is the only record of who owns which folder, so a uid
// is never reused.
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
	var uid int
	err := a.update(func(known *accountFile) (changed bool) {
		var ok bool
		if uid, ok = known.Users[owner]; ok {
			return false
		}
		uid = known.Next
		known.Next++
		known.Users[owner] = uid
		return true
	})
	return uid, err
}

// forget removes a user whose files are gone. The uid is not given to anybody
// else: who knows what it still owns on this machine.
func (a accounts) forget(owner driver.Owner) error {
	if !a.root {
		return nil
	}
	return a.update(func(known *accountFile) (changed bool) {
		_, changed = known.Users[owner]
		delete(known.Users, owner)
		return changed
	})
}

// update lets one process at a time change the list.
func (a accounts) update(change func(*accountFile) (changed bool)) error {
	lock, err := os.OpenFile(a.file+".lock", os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("account list: %w", err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("account list: %w", err)
	}
	known := accountFile{Next: a.first, Users: map[driver.Owner]int{}}
	text, err := os.ReadFile(a.file)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &known); err != nil {
			return fmt.Errorf("account list %s: %w", a.file, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("account list: %w", err)
	}
	if !change(&known) {
		return nil
	}
	return WriteJSON(a.file, known)
}

// WriteJSON replaces a file whole, also when the machine stops in between.
func WriteJSON(path string, value any) error {
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
