package latemount

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// mostSpaces bounds how many spare namespaces are kept, each of which is held by
// a small process.
const mostSpaces = 8

// Spaces keeps user namespaces ready that map nobody yet. A mount that shows files
// as another uid's needs one, and the fork of a process as large as this takes
// longer than everything else that it takes to attach a user's folders. The zero
// Spaces is empty, and serves all the same.
type Spaces struct {
	mu     sync.Mutex
	spare  []*holder
	closed bool
	ending sync.WaitGroup
}

// Add keeps one more, up to a bound. Without it the next mounts take longer.
func (s *Spaces) Add() error {
	s.mu.Lock()
	full := s.closed || len(s.spare) >= mostSpaces
	s.mu.Unlock()
	if full {
		return nil
	}
	h, err := hold()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.spare) >= mostSpaces {
		s.end(h)
		return nil
	}
	s.spare = append(s.spare, h)
	return nil
}

// Close ends those that nobody took.
func (s *Spaces) Close() {
	s.mu.Lock()
	for _, h := range s.spare {
		s.end(h)
	}
	s.spare, s.closed = nil, true
	s.mu.Unlock()
	s.ending.Wait()
}

// end lets a holder go, whose end nobody waits for but Close.
func (s *Spaces) end(h *holder) {
	_ = h.wait.Close()
	s.ending.Go(func() { _ = h.process.Wait() }) // it was there to be asked
}

// take gives one in which one id stands for another. It lives as long as its file
// is open.
func (s *Spaces) take(from, to int) (*os.File, error) {
	for {
		s.mu.Lock()
		var h *holder
		if last := len(s.spare) - 1; last >= 0 {
			h, s.spare = s.spare[last], s.spare[:last]
		}
		s.mu.Unlock()
		if h == nil {
			break
		}
		space, err := h.give(from, to)
		s.end(h)
		if err == nil { // else somebody has ended its process
			return space, nil
		}
	}
	h, err := hold()
	if err != nil {
		return nil, err
	}
	defer s.end(h)
	return h.give(from, to)
}

// holder is a process that is there to be asked for its user namespace. It ends
// when this one does.
type holder struct {
	process *exec.Cmd
	wait    io.Closer
}

func hold() (*holder, error) {
	process := exec.Command("cat")
	process.Env = []string{}
	process.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
	wait, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("user namespace: %w", err)
	}
	return &holder{process, wait}, nil
}

// give maps the namespace, once.
func (h *holder) give(from, to int) (*os.File, error) {
	// Root stays root: it makes the files of a sandbox whose kernel is its own.
	ids := fmt.Sprintf("0 0 1\n%d %d 1\n", from, to)
	if err := errors.Join(h.write("uid_map", ids), h.write("setgroups", "deny"), h.write("gid_map", ids)); err != nil {
		return nil, fmt.Errorf("user namespace: %w", err)
	}
	return os.Open(h.path("ns/user"))
}

func (h *holder) path(name string) string {
	return filepath.Join("/proc", strconv.Itoa(h.process.Process.Pid), name)
}

// write writes at once, as the kernel wants it.
func (h *holder) write(name, text string) error {
	f, err := os.OpenFile(h.path(name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
