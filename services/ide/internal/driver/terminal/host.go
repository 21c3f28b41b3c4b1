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

// Accept tells a watcher that it is one, before anything else is sent. Master is
// the terminal's descriptor where it is lent, which the watcher then reads by
// itself, after one frame of what was printed before, and types into; else NotLent.
type Accept func(resumed bool, master int) error

// NotLent is no descriptor.
const NotLent = -1

// Attach makes conn the one watcher of a shell, which is started if there is none
// of that name, until either ends. With the file of a Record, which it closes, it
// lends the terminal.
func (h *Host) Attach(conn net.Conn, input io.Reader, name string, cols, rows uint16, record *os.File, accept Accept) error {
	w := &watcher{conn: conn, record: record}
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
			if err := s.typed(body); err != nil {
				return nil // the shell has ended; its reader says so
			}
		case Resize:
			if cols, rows, ok := ParseSize(body); ok {
				s.resize(cols, rows)
			}
		case Return:
			w.returned()
		}
	}
}

// errEnded says that a shell has just ended.
var errEnded = errors.New("the shell has ended")

// watch attaches a watcher to the shell of a name. One that ends at this very
// moment is replaced by another.
func (h *Host) watch(w *watcher, name string, cols, rows uint16, accept Accept) (*session, error) {
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
	fd, pid, err := h.start(cols, rows)
	if err != nil {
		return nil, false, err
	}
	s = &session{fd: fd, pid: pid, ended: make(chan struct{}), printed: make(chan struct{})}
	if err := s.open(); err != nil {
		_ = unix.Kill(-pid, unix.SIGHUP) // it may have ended by itself
		unix.Close(fd)
		return nil, false, err
	}
	if h.sessions == nil {
		h.sessions = map[string]*session{}
	}
	h.sessions[name] = s
	go func() {
		s.print()
		close(s.printed)
		s.await()
		h.mu.Lock()
		delete(h.sessions, name)
		h.mu.Unlock()
		s.finish()
	}()
	return s, false, nil
}

// start runs a shell as the leader of a session whose terminal it has. It gives
// the other end's descriptor.
func (h *Host) start(cols, rows uint16) (fd, pid int, err error) {
	master, slave, err := pty.Open()
	if err != nil {
		return 0, 0, fmt.Errorf("no terminal: %w", err)
	}
	defer master.Close()
	defer slave.Close()
	_ = pty.Setsize(master, &pty.Winsize{Cols: cols, Rows: rows}) // it has some size
	fd, err = unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return 0, 0, err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // package pty made it wait
		unix.Close(fd)
		return 0, 0, err
	}
	shell := h.shell()
	child, err := os.StartProcess(shell, []string{shell}, &os.ProcAttr{
		Dir: h.dir, Env: append(slices.Clone(h.env), "TERM=xterm-256color", "COLORTERM=truecolor"),
		Files: []*os.File{slave, slave, slave},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0},
	})
	if err != nil {
		unix.Close(fd)
		return 0, 0, fmt.Errorf("no shell: %w", err)
	}
	pid = child.Pid
	_ = child.Release() // the program waits for it
	return fd, pid, nil
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
	pid  int
	size atomic.Pointer[unix.Winsize] // what the last watcher asked for

	control sync.Mutex // of fd
	fd      int        // the terminal; closed once the session is over
	closed  bool
	// reading is the terminal while it is read here, and nil while it is lent: as
	// long as it is open, this program is woken for all that is typed and printed.
	reading atomic.Pointer[os.File]

	turn    sync.Mutex    // one watcher comes at a time
	printed chan struct{} // closed once nothing more can be read

	mu      sync.Mutex
	loan    *loan
	tail    tail
	watcher *watcher // nil: nobody looks
	code    int
	ended   chan struct{} // closed once the shell has
	over    bool          // nobody is told anything any more
}

// watcher is who looks at a shell.
type watcher struct {
	conn   net.Conn
	mu     sync.Mutex // one frame at a time
	record *os.File   // nil: it wants frames
	loan   *loan      // nil: it has the terminal not
}

// returned notes that it reads from the terminal no more.
func (w *watcher) returned() {
	if w.loan != nil {
		w.loan.end()
	}
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
func (s *session) attach(w *watcher, resumed bool, cols, rows uint16, accept Accept) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.dismiss()
	s.settled()
	if w.record != nil {
		if w.loan = s.lend(w.record); w.loan == nil {
			w.record.Close()
		}
		w.record = nil
	}
	err := s.begin(w, resumed, cols, rows, accept)
	if err != nil {
		w.returned()
	}
	return err
}

// dismiss lets the watcher go.
func (s *session) dismiss() {
	s.mu.Lock()
	before := s.watcher
	s.watcher = nil
	s.mu.Unlock()
	if before == nil {
		return
	}
	_ = before.conn.SetWriteDeadline(time.Now()) // what waits to be taken is in the tail
	before.mu.Lock()
	_ = before.conn.SetWriteDeadline(time.Now().Add(patience / 10))
	_ = frame.Write(before.conn, Taken, nil)
	before.mu.Unlock()
	if before.loan != nil {
		select {
		case <-before.loan.back:
		case <-time.After(returnWithin):
		}
	}
	before.conn.Close()
	before.returned()
}

func (s *session) begin(w *watcher, resumed bool, cols, rows uint16, accept Accept) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errEnded
	}
	_ = w.conn.SetDeadline(time.Now().Add(patience))
	lent := NotLent
	if w.loan != nil {
		lent = s.fd
	}
	err := accept(resumed, lent)
	if shown := s.tail.bytes(); err == nil && (resumed && len(shown) > 0 || lent != NotLent) {
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
	s.recall()
	return nil
}

// recall asks for a terminal whose shell has ended. It is called with mu held.
func (s *session) recall() {
	select {
	case <-s.ended:
		if w := s.watcher; w != nil && w.loan != nil {
			go func() { _ = w.send(Recall, nil) }() // it may be gone
		}
	default:
	}
}

func (s *session) detach(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watcher == w {
		s.watcher = nil
	}
	w.conn.Close()
	w.returned()
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
	s.with(func(fd int) {
		if now, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && *now != *size {
			_ = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size)
		}
	})
}

// redraw makes a program that fills the screen draw it anew: what it drew may be
// older than the tail.
func (s *session) redraw() {
	s.with(func(fd int) {
		if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group > 1 && group != s.pid {
			_ = unix.Kill(-group, unix.SIGWINCH)
		}
	})
}

// with does something with the terminal, unless the session is over.
func (s *session) with(do func(fd int)) {
	s.control.Lock()
	defer s.control.Unlock()
	if !s.closed {
		do(s.fd)
	}
}

// open makes the terminal readable here.
func (s *session) open() error {
	fd, err := unix.FcntlInt(uintptr(s.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	s.reading.Store(os.NewFile(uintptr(fd), "terminal"))
	return nil
}

// typed types; a watcher to whom the terminal is lent does that itself.
func (s *session) typed(p []byte) error {
	if master := s.reading.Load(); master != nil {
		_, err := master.Write(p)
		return err
	}
	return nil
}

// until bounds how long is read; the zero time is forever.
func (s *session) until(t time.Time) {
	if master := s.reading.Load(); master != nil {
		_ = master.SetReadDeadline(t) // it may be closed
	}
}

// print takes what the shell prints until its terminal is closed. A watcher who
// is slow slows the shell; one who is gone doesn't.
func (s *session) print() {
	buffer := make([]byte, frame.Longest/2)
	for {
		n, err := s.reading.Load().Read(buffer)
		if n > 0 {
			s.mu.Lock()
			s.tail.write(buffer[:n])
			w := s.watcher
			s.mu.Unlock()
			if w != nil && w.send(Data, buffer[:n]) != nil {
				s.detach(w)
			}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && s.away() {
			continue
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
	s.until(time.Now().Add(drain))
	s.recall()
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
	if master := s.reading.Load(); master != nil {
		master.Close()
	}
	s.control.Lock()
	defer s.control.Unlock()
	s.closed = true
	unix.Close(s.fd)
}
