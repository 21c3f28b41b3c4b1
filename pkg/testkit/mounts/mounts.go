package mounts

import (
	"os"
	"slices"
	"strings"
	"syscall"
)

// EndBelow unmounts everything below a folder, which can then be removed.
func EndBelow(dir string) {
	text, _ := os.ReadFile("/proc/self/mountinfo") // without it nothing is mounted
	lines := strings.Split(string(text), "\n")
	slices.Reverse(lines) // the inner ones first
	for _, line := range lines {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			_ = syscall.Unmount(fields[4], syscall.MNT_DETACH) // removing the folder fails then, and says so
		}
	}
}
