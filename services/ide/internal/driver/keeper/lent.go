package keeper

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/driver/terminal"
)

// mostLent bounds the terminals that this process has at once. Programs of the
// sandbox share what says whether reading one waits, so hostile ones can have a
// thread of ours wait in each of them until their sandbox ends. Whoever comes when
// there are as many is shown frames.
const mostLent = 500

var lentNow atomic.Int64

// lentShell is the driver's end of a terminal that it was lent: it reads and
// types without a process between.
type lentShell struct {
	shell
	record   *terminal.Record
	master   *master
	begun    bool // what was printed before is shown
	returned bool
	// minded is closed when the keeper has said something, which is told or err.
	minded chan struct{}
	told   byte
	body   []byte
	err    error
	close  sync.Once
}

// lend asks for a terminal, and for the thing itself.
func (c Client) lend(ctx context.Context, t driver.Terminal) (driver.Shell, reply, error) {
	if lentNow.Add(1) > mostLent {
		lentNow.Add(-1)
		return c.show(ctx, t)
	}
	record, err := terminal.NewRecord()
	if err != nil {
		lentNow.Add(-1)
		return c.show(ctx, t)
	}
	var handed *handing
	dial := c.Dial
	c.Dial = func(ctx context.Context) (net.Conn, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		handed = newHanding(conn, record.FD())
		return handed, nil
	}
	conn, answer, err := c.ask(ctx, request{Do: "terminal", Terminal: &t})
	var master *master
	if handed != nil {
		defer handed.drop()
	}
	if err == nil && answer.Lent {
		if master, err = asTerminal(handed.take()); err != nil {
			conn.Close()
		}
	}
	if err != nil || master == nil {
		record.Close()
		lentNow.Add(-1)
	}
	if err != nil {
		return nil, answer, err
	}
	plain := shell{conn: conn, resumed: answer.Resumed, buffer: make([]byte, frame.Longest)}
	if master == nil {
		return &plain, answer, nil
	}
	return &lentShell{shell: plain, record: record, master: master, minded: make(chan struct{})}, answer, nil
}

// Receive gives what was printed before, then what is read from the terminal,
// and when that is given back, what the keeper reads.
func (s *lentShell) Receive() ([]byte, error) {
	if !s.begun {
		s.begun = true
		before, err := s.shell.Receive()
		if err != nil {
			return nil, err
		}
		go s.mind()
		if len(before) > 0 {
			return before, nil
		}
	}
	if s.returned {
		return s.shell.Receive()
	}
	n, err := s.master.read(s.buffer)
	if n > 0 && err == nil {
		err = s.record.Add(s.buffer[:n])
	}
	if n > 0 && err == nil {
		return s.buffer[:n], nil
	}
	s.returned = true
	_ = frame.Write(s.conn, terminal.Return, nil) // reading says why it can't
	<-s.minded
	if s.err == nil && s.told == terminal.Recall {
		return s.shell.Receive()
	}
	return interpret(s.told, s.body, s.err)
}

// mind waits for the keeper to say something, and wakes who reads.
func (s *lentShell) mind() {
	kind, body, err := frame.Read(s.conn, make([]byte, frame.Longest))
	s.told, s.body, s.err = kind, bytes.Clone(body), err
	close(s.minded)
	s.master.interrupt()
}

func (s *lentShell) Send(p []byte) error { return s.master.write(p) }

// Close does not wait for who reads: a program of the sandbox could have made
// reading wait.
func (s *lentShell) Close() error {
	s.close.Do(func() {
		go func() {
			s.master.close()
			s.record.Close()
			lentNow.Add(-1)
		}()
	})
	return s.shell.Close()
}
