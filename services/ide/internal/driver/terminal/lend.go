package terminal

import (
	"encoding/binary"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// recordHead is the count of all bytes that were recorded.
const recordHead = 8

// Record keeps the last Replay bytes of what a watcher reads from a terminal that
// was lent to it, in a file in memory that the host has, too: if the watcher is
// killed, the host knows what was printed meanwhile.
type Record struct {
	file  *os.File
	fd    int // the file's
	count uint64
}

// FD is the file's descriptor, for the host.
func (r *Record) FD() int { return r.fd }

// NewRecord makes one.
func NewRecord() (*Record, error) {
	fd, err := unix.MemfdCreate("terminal", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "terminal")
	if err := file.Truncate(recordHead + Replay); err != nil {
		file.Close()
		return nil, err
	}
	return &Record{file: file, fd: fd}, nil
}

// forgetAfter is how long a host may take to read a record whose watcher has gone.
const forgetAfter = 10 * time.Second

// Close leaves the record to the host for a while. Whoever holds on to the file
// has nothing of this process's memory afterwards.
func (r *Record) Close() {
	time.AfterFunc(forgetAfter, func() {
		_ = r.file.Truncate(0) // it can't be made to fail: the file takes no seals
		r.file.Close()
	})
}

// Add records what was read, which is not longer than Replay.
func (r *Record) Add(p []byte) error {
	at := int64(r.count % Replay)
	whole := min(len(p), int(Replay-at))
	if _, err := r.file.WriteAt(p[:whole], recordHead+at); err != nil {
		return err
	}
	if whole < len(p) {
		if _, err := r.file.WriteAt(p[whole:], recordHead); err != nil {
			return err
		}
	}
	r.count += uint64(len(p))
	var head [recordHead]byte
	binary.LittleEndian.PutUint64(head[:], r.count)
	_, err := r.file.WriteAt(head[:], 0)
	return err
}

// recorded gives what is in the file of a record, the oldest first.
func recorded(file io.ReaderAt) ([]byte, error) {
	var head [recordHead]byte
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	ring, count := make([]byte, Replay), binary.LittleEndian.Uint64(head[:])
	if _, err := file.ReadAt(ring, recordHead); err != nil {
		return nil, err
	}
	if count <= Replay {
		return ring[:count], nil
	}
	at := count % Replay
	return append(append(make([]byte, 0, Replay), ring[at:]...), ring[:at]...), nil
}

// loan is a terminal that its watcher reads itself.
type loan struct {
	record *os.File
	// parked is closed once the host reads no more; back once it may again; over
	// once it knows what was printed meanwhile.
	parked, back, over chan struct{}
	once               sync.Once
}

func (l *loan) end() { l.once.Do(func() { close(l.back) }) }

// returnWithin is how long a watcher that is let go may take to give a terminal
// back. One that is stopped doesn't read either.
const returnWithin = 500 * time.Millisecond

// lend stops reading, so that a watcher can. It tells whether it did: not from a
// shell that is ending.
func (s *session) lend(record *os.File) *loan {
	l := &loan{record: record, parked: make(chan struct{}), back: make(chan struct{}), over: make(chan struct{})}
	s.mu.Lock()
	select {
	case <-s.ended:
		s.mu.Unlock()
		return nil
	default:
	}
	s.loan = l
	s.mu.Unlock()
	s.until(time.Now())
	select {
	case <-l.parked:
		return l
	case <-s.printed:
		return nil
	}
}

// settled waits until what the last watcher read is in the tail.
func (s *session) settled() {
	s.mu.Lock()
	l := s.loan
	s.mu.Unlock()
	if l != nil {
		select {
		case <-l.over:
		case <-s.printed:
		}
	}
}

// away is asked when reading was interrupted, and tells whether to go on: after
// a loan, or until what an ended shell printed is read.
func (s *session) away() bool {
	s.mu.Lock()
	l := s.loan
	s.mu.Unlock()
	if l != nil {
		s.reading.Swap(nil).Close()
		close(l.parked)
		<-l.back
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var until time.Time
	select {
	case <-s.ended:
		if l == nil {
			return false
		}
		until = time.Now().Add(drain)
	default:
	}
	if l != nil {
		if p, err := recorded(l.record); err == nil {
			s.tail.write(p)
		}
		l.record.Close()
		s.loan = nil
		defer close(l.over)
		if s.open() != nil {
			return false // out of descriptors: the shell is told that its terminal is gone
		}
	}
	s.until(until)
	return true
}
