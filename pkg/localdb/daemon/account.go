package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// Account is the user that a server runs as.
type Account struct {
	Name     string
	UID, GID uint32
}

// accountFor picks who owns folder and runs its server. An ordinary user is
// always that user. Root keeps the owner of a folder that exists already, and
// otherwise takes the first of names that the machine knows, because database
// servers refuse to run as root.
func accountFor(folder string, names []string) (Account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return Account{Name: strconv.Itoa(uid), UID: uint32(uid), GID: uint32(os.Getegid())}, nil
	}
	info, err := os.Stat(folder)
	switch {
	case err == nil:
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != 0 {
			return Account{Name: strconv.Itoa(int(owner.Uid)), UID: owner.Uid, GID: owner.Gid}, nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return Account{}, err
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return Account{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
		}
	}
	return Account{}, fmt.Errorf("a database server must not run as root, and none of the users %q exists: create one of them", names)
}

// dropped reports whether the server runs as somebody else than the program.
func (a Account) dropped() bool { return int(a.UID) != os.Geteuid() }
