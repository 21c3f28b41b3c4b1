package terminal

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/frame"
)

// Most is how many shells a host keeps at once.
const Most = 16

// ErrMany refuses one shell too many.
var ErrMany = errors.New("there are too many terminals already")

// Host keeps the shells of one sandbox. Its program waits for child processes and
// tells Ended of each.
type Host struct {
	mu       sync.Mutex
	env      []string
	dir      string
	sessions map[string]*session
}

// Set says with which environment, and where, shells start from now on.
func (h *Host) Set(env []string, dir string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.env, h.dir = env, dir
}

// Attach makes conn the one watcher of a shell, which is started if there is none
// of that name, until either ends. accept is called before anything is sent.
func (h *Host) Attach(conn net.Conn, input io.Reader, name string, cols, rows uint16, accept func(resumed bool) error) error {
	w := &watcher{conn: conn}
	s, err := h.watch(w, name, cols, rows, accept)
	if err != nil {
		return err
	}
	defer s.detach(w)
	buffer := make([]byte, frame.Longest)
	for {
		kind, body, err := frame.Read(input, buffer)
		if err != nil {
			return nil // the watcher is gone
		}
		switch kind {
		case Data:
			if _, err := s.master.Write(body); err != nil {
				return nil // the shell has ended; its reader says so
			}
		case Resize:
			if cols, rows, ok := ParseSize(body); ok {
				s.resize(cols, rows)
			}
		}
	}
}

// errEnded says that a shell has just ended.
var errEnded = errors.New("the shell has ended")

// watch attaches a watcher to the shell of a name. One that ends at this very
// moment is replaced by another.
func (h *Host) watch(w *watcher, name string, cols, rows uint16, accept func(bool) error) (*session, error) {
	for {
		s, resumed, err := h.find(name, cols, rows)
		if err != nil {
			return nil, err
		}
		if err := s.attach(w, resumed, cols, rows, accept); !errors.Is(err, errEnded) {
			return s, err
		}
	}
}

// find gives the shell of a name, new or as it was.
func (h *Host) find(name string, cols, rows uint16) (s *session, resumed bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := h.sessions[name]; ok {
		return s, true, nil
	}
	if len(h.sessions) >= Most {
		return nil, false, ErrMany
	}
	master, pid, err := h.start(cols, rows)
	if err != nil {
		return nil, false, err
	}
	s = &session{master: master, pid: pid, ended: make(chan struct{})}
	if h.sessions == nil {
		h.sessions = map[string]*session{}
	}
	h.sessions[name] = s
	go func() {
		s.print()
		s.await()
		h.mu.Lock()
		delete(h.sessions, name)
		h.mu.Unlock()
		s.finish()
	}()
	return s, false, nil
}

// start runs a shell as the leader of a session whose terminal it has.
func (h *Host) start(cols, rows uint16) (*os.File, int, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, 0, fmt.Errorf("no terminal: %w", err)
	}
	defer slave.Close()
	_ = pty.Setsize(master, &pty.Winsize{Cols: cols, Rows: rows}) // it has some size
	shell := h.shell()
	child, err := os.StartProcess(shell, []string{shell}, &os.ProcAttr{
		Dir: h.dir, Env: append(slices.Clone(h.env), "TERM=xterm-256color", "COLORTERM=truecolor"),
		Files: []*os.File{slave, slave, slave},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0},
	})
	if err != nil {
		master.Close()
		return nil, 0, fmt.Errorf("no shell: %w", err)
	}
	pid := child.Pid
	_ = child.Release() // the program waits for it
	return master, pid, nil
}

// shell is what the environment names, or what every system has.
func (h *Host) shell() string {
	for _, variable := range h.env {
		if path, ok := strings.CutPrefix(variable, "SHELL="); ok {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path
			}
		}
	}
	return "/bin/sh"
}

// Ended tells that a child process has ended; others than shells are none of ours.
func (h *Host) Ended(pid, code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.sessions {
		if s.pid == pid {
			s.exit(code)
		}
	}
}

// Hangup ends the shells as a terminal that is closed does.
func (h *Host) Hangup() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.sessions {
		_ = unix.Kill(-s.pid, unix.SIGHUP) // it may have ended by itself
	}
}

// session is one shell.
type session struct {
	master *os.File
	pid    int
	size   atomic.Pointer[unix.Winsize] // what the last watcher asked for

	mu      sync.Mutex
	tail    tail
	watcher *watcher // nil: nobody looks
	code    int
	ended   chan struct{} // closed once the shell has
	over    bool          // nobody is told anything any more
}

// watcher is who looks at a shell.
type watcher struct {
	conn net.Conn
	mu   sync.Mutex // one frame at a time
}

func (w *watcher) send(kind byte, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return frame.Write(w.conn, kind, body)
}

// patience is how long a new watcher may take for what is told at once.
const patience = 5 * time.Second

// attach shows what was printed, and from then on what is. Whoever watched before
// is told, and let go.
func (s *session) attach(w *watcher, resumed bool, cols, rows uint16, accept func(bool) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errEnded
	}
	if before := s.watcher; before != nil {
		_ = before.conn.SetWriteDeadline(time.Now()) // what waits to be taken is in the tail
		before.mu.Lock()
		_ = before.conn.SetWriteDeadline(time.Now().Add(patience / 10))
		_ = frame.Write(before.conn, Taken, nil)
		before.mu.Unlock()
		before.conn.Close()
	}
	s.watcher = nil
	_ = w.conn.SetDeadline(time.Now().Add(patience))
	err := accept(resumed)
	if shown := s.tail.bytes(); err == nil && resumed && len(shown) > 0 {
		err = w.send(Data, shown)
	}
	if err != nil {
		return err
	}
	_ = w.conn.SetDeadline(time.Time{})
	s.watcher = w
	if resumed {
		s.resize(cols, rows)
		s.redraw()
	}
	return nil
}

func (s *session) detach(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watcher == w {
		s.watcher = nil
	}
	w.conn.Close()
}

// settle is when a new size is looked at again. GNU Readline, before each prompt,
// reads the size and sets what it has read: a change in between is undone.
var settle = []time.Duration{100 * time.Millisecond, time.Second}

func (s *session) resize(cols, rows uint16) {
	s.size.Store(&unix.Winsize{Col: cols, Row: rows})
	s.setSize()
	for _, after := range settle {
		time.AfterFunc(after, s.setSize)
	}
}

func (s *session) setSize() {
	size := s.size.Load()
	s.control(func(fd int) {
		if now, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && *now != *size {
			_ = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size)
		}
	})
}

// redraw makes a program that fills the screen draw it anew: what it drew may be
// older than the tail.
func (s *session) redraw() {
	s.control(func(fd int) {
		if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group > 1 && group != s.pid {
			_ = unix.Kill(-group, unix.SIGWINCH)
		}
	})
}

// control does something with the terminal, unless the shell has ended.
func (s *session) control(do func(fd int)) {
	if raw, err := s.master.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { do(int(fd)) })
	}
}

// print takes what the shell prints until its terminal is closed. A watcher who
// is slow slows the shell; one who is gone doesn't.
func (s *session) print() {
	buffer := make([]byte, frame.Longest/2)
	for {
		n, err := s.master.Read(buffer)
		if n > 0 {
			s.mu.Lock()
			s.tail.write(buffer[:n])
			w := s.watcher
			s.mu.Unlock()
			if w != nil && w.send(Data, buffer[:n]) != nil {
				s.detach(w)
			}
		}
		if err != nil { // EIO: nobody has the terminal open
			return
		}
	}
}

// drain is how long the rest of what an ended shell printed may take to be read:
// programs that it left behind may hold its terminal open.
const drain = 200 * time.Millisecond

func (s *session) exit(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
	close(s.ended)
	_ = s.master.SetReadDeadline(time.Now().Add(drain))
}

// await waits until the shell is known to have ended. One that only closed its
// terminal is told that it is gone.
func (s *session) await() {
	select {
	case <-s.ended:
	case <-time.After(time.Second):
		_ = unix.Kill(-s.pid, unix.SIGHUP)
	}
}

// finish tells the watcher that the shell has ended.
func (s *session) finish() {
	s.mu.Lock()
	w, code := s.watcher, s.code
	s.watcher, s.over = nil, true
	s.mu.Unlock()
	if w != nil {
		_ = w.conn.SetWriteDeadline(time.Now().Add(patience))
		_ = w.send(Exit, exitBody(code)) // it may be gone
		w.conn.Close()
	}
	s.master.Close()
}
