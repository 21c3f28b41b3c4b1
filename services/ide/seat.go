package ide

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// seats is how many services may work on one host and data directory.
const seats = 16

// seat tells this service from others on one database. A service takes the first
// seat of its host and data directory that no other has, so that one which comes
// back, also after a kill, is who it was, and need not wait for its own leases to
// expire.
type seat struct {
	replica uuid.UUID
	lock    *os.File // nil: none is needed
}

// takeSeat finds a seat. Without a folder of seats, as where the data directory is
// not on this machine, the host is the seat.
func takeSeat(dataDir, folder string) (seat, error) {
	if folder == "" {
		return seat{replica: replica(dataDir, 0)}, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return seat{}, fmt.Errorf("replicas: %w", err)
	}
	for n := range seats {
		lock, err := os.OpenFile(filepath.Join(folder, strconv.Itoa(n)), os.O_RDWR|os.O_CREATE|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return seat{}, fmt.Errorf("replicas: %w", err)
		}
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return seat{replica: replica(dataDir, n), lock: lock}, nil
		}
		lock.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return seat{}, fmt.Errorf("replicas: %w", err)
		}
	}
	return seat{}, fmt.Errorf("%d ide services work on this data directory already", seats)
}

// leave lets another have the seat.
func (s seat) leave() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

func replica(dataDir string, seat int) uuid.UUID {
	host, _ := os.Hostname() // without one the folder tells
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		dir = dataDir
	}
	name := "atrium-ide://" + host + dir
	if seat > 0 {
		name += "#" + strconv.Itoa(seat)
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name))
}
