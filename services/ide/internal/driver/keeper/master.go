package keeper

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// master is a pseudo-terminal's own end.
//
// A terminal is writable anew whenever its program has read, which for a key is just
// before it is given back. The runtime's poller cannot be told to look for what is
// printed only, and would be woken for each; so the terminal is in a set (epoll) of
// its own, which the poller has in its place.
type master struct {
	fd    int
	ready *os.File // the set; while it is in use, fd stays open
	raw   syscall.RawConn

	mu     sync.Mutex
	full   *os.File // waits until more can be typed; nil: nobody does
	closed bool
}

var (
	errHanded = errors.New("what was handed over is no terminal")
	errGone   = errors.New("the terminal is closed")
)

// asTerminal makes sure that a descriptor is a pseudo-terminal's own end, whatever
// the programs of the sandbox handed over, and that reading it can be interrupted.
func asTerminal(fd int, ok bool) (*master, error) {
	if !ok {
		return nil, errHanded
	}
	var stat unix.Stat_t
	err := unix.Fstat(fd, &stat)
	if err == nil && (stat.Mode&unix.S_IFMT != unix.S_IFCHR || stat.Rdev != unix.Mkdev(5, 2)) { // ptmx
		err = errHanded
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	m := &master{fd: fd}
	if err == nil {
		err = m.watch()
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return m, nil
}

// watch makes the set.
func (m *master) watch() error {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	err = unix.EpollCtl(set, unix.EPOLL_CTL_ADD, m.fd, &unix.EpollEvent{Events: unix.EPOLLIN})
	if err == nil {
		err = unix.SetNonblock(set, true) // or the poller does not take it
	}
	if err != nil {
		unix.Close(set)
		return errors.Join(errHanded, err)
	}
	m.ready = os.NewFile(uintptr(set), "terminals")
	if m.raw, err = m.ready.SyscallConn(); err == nil {
		err = m.ready.SetReadDeadline(time.Time{}) // fails where the poller has it not
	}
	if err != nil {
		m.ready.Close()
	}
	return err
}

// much is what is worth to look at once whether there is more.
const much = 1 << 10

// read takes what is there, and waits when that is nothing.
func (m *master) read(buffer []byte) (n int, err error) {
	failed := m.raw.Read(func(uintptr) bool {
		for n < len(buffer) {
			var more int
			more, err = unix.Read(m.fd, buffer[n:])
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil || more == 0 {
				break
			}
			if n += more; n < much {
				return true
			}
		}
		if n > 0 {
			err = nil // what is wrong shows the next time
		}
		return !errors.Is(err, unix.EAGAIN)
	})
	if failed != nil {
		return n, failed
	}
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

// interrupt ends every read, now and later.
func (m *master) interrupt() {
	_ = m.ready.SetReadDeadline(time.Now()) // it may be closed
}

// write types, and waits where the terminal has no room. It is called by one at a
// time.
func (m *master) write(p []byte) error {
	for {
		var n int
		var err error
		if failed := m.raw.Control(func(uintptr) { n, err = unix.Write(m.fd, p) }); failed != nil {
			return failed
		}
		p = p[max(0, n):]
		switch {
		case len(p) == 0:
			return nil
		case errors.Is(err, unix.EAGAIN):
			return m.writeLater(p)
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
	}
}

// writeLater types as there is room.
func (m *master) writeLater(p []byte) error {
	file, err := m.waiting()
	if err != nil {
		return err
	}
	_, err = file.Write(p)
	m.mu.Lock()
	m.full = nil
	m.mu.Unlock()
	return errors.Join(err, file.Close())
}

// waiting gives the terminal with the runtime's poller.
func (m *master) waiting() (*os.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, errGone
	}
	fd, err := unix.FcntlInt(uintptr(m.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // the sandbox may have changed that
		unix.Close(fd)
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "terminal")
	if err := file.SetWriteDeadline(time.Time{}); err != nil { // or just now
		return nil, errors.Join(err, file.Close())
	}
	m.full = file
	return file, nil
}

// close waits for whoever reads or types, who is interrupted, unless a program of
// the sandbox has made him wait.
func (m *master) close() {
	m.mu.Lock()
	m.closed = true
	full := m.full
	m.mu.Unlock()
	if full != nil {
		full.Close()
	}
	m.ready.Close()
	unix.Close(m.fd)
}
