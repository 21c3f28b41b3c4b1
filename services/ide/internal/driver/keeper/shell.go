package keeper

import (
	"context"
	"errors"
	"io"
	"net"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/driver/terminal"
)

// Terminal attaches to a shell of the sandbox, or answers driver.ErrTerminals.
func (c Client) Terminal(ctx context.Context, t driver.Terminal) (driver.Shell, error) {
	ask := c.show
	if c.Lends {
		ask = c.lend
	}
	s, answer, err := ask(ctx, t)
	if answer.Many {
		return nil, driver.ErrTerminals
	}
	return s, err
}

// show has the keeper read from the terminal.
func (c Client) show(ctx context.Context, t driver.Terminal) (driver.Shell, reply, error) {
	conn, answer, err := c.ask(ctx, request{Do: "terminal", Terminal: &t})
	if err != nil {
		return nil, answer, err
	}
	return &shell{conn: conn, resumed: answer.Resumed, buffer: make([]byte, frame.Longest)}, answer, nil
}

// shell is the driver's end of a terminal.
type shell struct {
	conn    net.Conn
	resumed bool
	buffer  []byte
}

func (s *shell) Resumed() bool { return s.resumed }

func (s *shell) Receive() ([]byte, error) {
	kind, body, err := frame.Read(s.conn, s.buffer)
	if err == nil && kind == terminal.Recall { // it was given back meanwhile
		kind, body, err = frame.Read(s.conn, s.buffer)
	}
	return interpret(kind, body, err)
}

// interpret gives what a frame says.
func interpret(kind byte, body []byte, err error) ([]byte, error) {
	switch {
	case errors.Is(err, io.EOF):
		return nil, driver.ErrNotRunning
	case err != nil:
		return nil, err
	case kind == terminal.Data:
		return body, nil
	case kind == terminal.Taken:
		return nil, driver.ErrTaken
	case kind == terminal.Exit:
		if code, ok := terminal.ParseExit(body); ok {
			return nil, driver.ExitError{Code: code}
		}
	}
	return nil, errors.New("the sandbox's keeper sent what is no frame")
}

func (s *shell) Send(p []byte) error { return frame.Write(s.conn, terminal.Data, p) }

func (s *shell) Resize(cols, rows uint16) error { return terminal.WriteSize(s.conn, cols, rows) }

func (s *shell) Close() error { return s.conn.Close() }
