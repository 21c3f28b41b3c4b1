package program

import (
	"os"
	"strconv"
	"syscall"
)

// keepDescriptors keeps the open files that whoever started this program passed
// on to it, such as a supervisor's lock, from the programs that it starts in turn:
// workspaces and databases outlive it, and workspaces are nobody to be trusted
// with them.
func keepDescriptors() {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return // no such thing on this system
	}
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > syscall.Stderr {
			syscall.CloseOnExec(fd)
		}
	}
}
