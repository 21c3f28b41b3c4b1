package directory

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/cgroup"
	"atrium.internal/services/ide/internal/driver/latemount"
)

// inject puts folders into the sandbox whose processes have the given one among
// them, and gives it its host name. Nothing but our own programs has run in there.
func inject(pid int, hostname string, trees latemount.Trees) error {
	return latemount.Inside(pid, func() error {
		if err := unix.Sethostname([]byte(hostname)); err != nil {
			return fmt.Errorf("host name: %w", err)
		}
		return trees.Attach("/")
	})
}

// inside is a process of the sandbox that is in all of its namespaces. The first
// one is outside: it waits for the others.
func (r record) inside(group cgroup.Group) (int, error) {
	members, err := group.Members()
	if err != nil {
		return 0, err
	}
	ours, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return 0, err
	}
	for _, pid := range members {
		if theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid)); err == nil && theirs != ours {
			return pid, nil
		}
	}
	return 0, errors.New("no process of the sandbox is in a mount namespace of its own")
}
