package latemount

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Inside does something in the mount and host name namespaces of a process.
func Inside(pid int, do func() error) error {
	var spaces []*os.File
	for _, kind := range []string{"uts", "mnt"} {
		space, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), "ns", kind))
		if err != nil {
			return fmt.Errorf("the sandbox's namespaces: %w", err)
		}
		defer space.Close()
		spaces = append(spaces, space)
	}
	done := make(chan error, 1)
	spare(func() {
		err := unix.Unshare(unix.CLONE_FS)
		for _, space := range spaces {
			if err == nil {
				err = unix.Setns(int(space.Fd()), 0)
			}
		}
		if err != nil {
			done <- fmt.Errorf("enter the sandbox: %w", err)
			return
		}
		done <- do()
	})
	return <-done
}

// spare runs do on a thread that ends with it, and its namespaces with that. It is
// never the first one, which can't end, and whose namespaces /proc/self tells.
func spare(do func()) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() != unix.Getpid() {
			do()
			return
		}
		ended := make(chan struct{})
		spare(func() { defer close(ended); do() }) // on another one, for this is kept
		<-ended
		runtime.UnlockOSThread()
	}()
}
