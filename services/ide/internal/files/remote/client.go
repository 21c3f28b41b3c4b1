package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/files"
)

// patience is how long a server may be silent: it may have much to delete.
const patience = 5 * time.Minute

// Client is a files.Tree elsewhere. Whatever breaks off in the middle breaks the
// connection, and every later call.
type Client struct {
	conn net.Conn
	line line
	// broken is why the connection is of no use any more.
	broken error
}

var _ files.Tree = (*Client)(nil)

// NewClient uses a connection to a Server, which stays the caller's to close.
func NewClient(conn net.Conn) *Client { return &Client{conn: conn, line: newLine(conn)} }

// fail breaks the connection, so that the server takes back what is not whole.
func (c *Client) fail(err error) error {
	c.broken = fmt.Errorf("the connection to the files has ended: %w", err)
	c.conn.Close()
	return err
}

func (c *Client) read() (byte, []byte, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	return c.line.read()
}

// ask begins some work.
func (c *Client) ask(r request) error {
	if c.broken != nil {
		return c.broken
	}
	if err := c.line.send(r); err != nil {
		return c.fail(fmt.Errorf("ask for the files: %w", err))
	}
	return nil
}

// side is what the server may want meanwhile; each may be nil.
type side struct {
	content io.Reader
	room    func(int64) error
	out     io.Writer
}

// do asks for some work and gives what came of it.
func (c *Client) do(r request, s side) (answer, error) {
	if err := c.ask(r); err != nil {
		return answer{}, err
	}
	content := &source{from: s.content}
	var own error // what ended the work on this side; the server then takes it back
	for {
		kind, body, err := c.read()
		if err != nil {
			return answer{}, c.fail(fmt.Errorf("wait for the files: %w", err))
		}
		switch {
		case own != nil && (kind == want || kind == take):
			err = c.line.write(drop, nil)
		case kind == want && s.content != nil:
			own, err = content.next(c.line)
		case kind == take && s.room != nil:
			own, err = c.grant(s.room, string(body))
		case kind == data && s.out != nil:
			_, err = s.out.Write(body)
		default:
			var a answer
			if err := c.line.rest(kind, body, &a); err != nil {
				return answer{}, c.fail(fmt.Errorf("the files' answer: %w", err))
			}
			if own != nil {
				return answer{}, own
			}
			return a, a.error()
		}
		if err != nil {
			return answer{}, c.fail(err)
		}
	}
}

func (c *Client) grant(room func(int64) error, text string) (own, err error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return nil, errors.New("the files ask for room in no number")
	}
	if own := room(n); own != nil {
		return own, c.line.write(drop, nil)
	}
	return nil, c.line.write(granted, nil)
}

// source is content on its way to the server.
type source struct {
	from io.Reader
	err  error
}

// next sends one piece more, or the end, or that there is none because of the
// content's own error.
func (s *source) next(l line) (own, err error) {
	buffer := make([]byte, frame.Longest)
	for s.err == nil {
		var n int
		n, s.err = s.from.Read(buffer)
		if n > 0 {
			return nil, l.write(data, buffer[:n])
		}
	}
	if errors.Is(s.err, io.EOF) {
		return nil, l.write(end, nil)
	}
	return s.err, l.write(drop, nil)
}

// List lists a folder.
func (c *Client) List(name string) ([]files.Entry, bool, error) {
	a, err := c.do(request{Do: "list", Path: name}, side{})
	return a.Entries, a.Truncated, err
}

// Search looks for files; it ends with its connection.
func (c *Client) Search(_ context.Context, words []string, limit int) ([]files.Found, bool, error) {
	a, err := c.do(request{Do: "search", Words: words, Limit: limit}, side{})
	return a.Found[:min(len(a.Found), limit)], a.Truncated, err
}

// Open opens a file. What is not read of it is not sent, if nothing was.
func (c *Client) Open(name string) (io.ReadCloser, files.Version, error) {
	a, err := c.do(request{Do: "open", Path: name}, side{})
	if err != nil {
		return nil, files.Version{}, err
	}
	return &file{client: c, last: true}, a.Version, nil
}

// Write writes a file.
func (c *Client) Write(name string, condition files.Condition, content io.Reader) (files.Version, error) {
	a, err := c.do(request{Do: "write", Path: name, Condition: condition}, side{content: content})
	return a.Version, err
}

// MakeDirectory makes a folder.
func (c *Client) MakeDirectory(name string) (files.Entry, error) {
	a, err := c.do(request{Do: "folder", Path: name}, side{})
	return a.Entry, err
}

// Move moves a file or a folder.
func (c *Client) Move(from, to string, overwrite bool) (files.Entry, error) {
	a, err := c.do(request{Do: "move", Path: from, To: to, Overwrite: overwrite}, side{})
	return a.Entry, err
}

// Delete deletes a file or a folder.
func (c *Client) Delete(name string, recursive bool, condition files.Condition) error {
	_, err := c.do(request{Do: "delete", Path: name, Recursive: recursive, Condition: condition}, side{})
	return err
}

// Has reports whether a folder is there.
func (c *Client) Has(name string) error {
	_, err := c.do(request{Do: "has", Path: name}, side{})
	return err
}

// Pack gives a folder as an archive.
func (c *Client) Pack(name string, format files.Format, out io.Writer) error {
	_, err := c.do(request{Do: "pack", Path: name, Format: format}, side{out: out})
	return err
}

// Unpack unpacks an archive. Room is asked for ahead, a little more than is used.
func (c *Client) Unpack(into string, content io.Reader, room func(int64) error) (files.Unpacked, error) {
	a, err := c.do(request{Do: "unpack", Path: into}, side{content: content, room: room})
	return a.Unpacked, err
}

// Sweep removes what cut writes left.
func (c *Client) Sweep(_ context.Context, before time.Time) error {
	_, err := c.do(request{Do: "sweep", Before: before}, side{})
	return err
}

// Export shows everything to a visitor.
func (c *Client) Export(visit driver.Visitor) error {
	a, err := c.do(request{Do: "export"}, side{})
	for ; err == nil && a.Shown != nil; a, err = c.answer() {
		var own error
		switch s := a.Shown; s.Kind {
		case 'f':
			content := &file{client: c}
			own = errors.Join(visit.File(string(s.Name), s.Size, io.LimitReader(content, s.Size)), content.finish())
		case 'l':
			own = visit.Link(string(s.Name), string(s.Target))
		default:
			own = visit.Skipped(string(s.Name), s.Reason)
		}
		if own != nil {
			return c.fail(own)
		}
	}
	return err
}

// answer receives the next answer to work that has several.
func (c *Client) answer() (answer, error) {
	var a answer
	kind, body, err := c.read()
	if err == nil {
		err = c.line.rest(kind, body, &a)
	}
	if err != nil {
		return a, c.fail(fmt.Errorf("the files' answer: %w", err))
	}
	return a, a.error()
}

// file is content that the server offers.
type file struct {
	client *Client
	// last: an answer follows its end.
	last    bool
	begun   bool
	left    []byte
	outcome error // io.EOF or why there is no more
}

func (f *file) Read(p []byte) (int, error) {
	for len(f.left) == 0 {
		if f.outcome != nil {
			return 0, f.outcome
		}
		if f.outcome = f.more(); f.outcome != nil && len(f.left) == 0 {
			return 0, f.outcome
		}
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

// more receives one piece more.
func (f *file) more() error {
	c := f.client
	if c.broken != nil {
		return c.broken
	}
	if !f.begun {
		f.begun = true
		if err := c.line.write(want, nil); err != nil {
			return c.fail(err)
		}
	}
	kind, body, err := c.read()
	if err != nil {
		return c.fail(fmt.Errorf("read the file: %w", err))
	}
	switch kind {
	case data:
		f.left = append(f.left[:0], body...)
		return nil
	case end:
		if !f.last {
			return io.EOF
		}
		if _, err := c.answer(); err != nil {
			return err
		}
		return io.EOF
	}
	var a answer
	if err := c.line.rest(kind, body, &a); err != nil {
		return c.fail(err)
	}
	if err := a.error(); err != nil {
		return err
	}
	return c.fail(errors.New("the file ends without an end"))
}

// Close lets go of the file. One that was read in part breaks the connection.
func (f *file) Close() error {
	if f.outcome == nil && f.begun {
		_ = f.client.fail(errors.New("a file was read in part"))
		return nil
	}
	return f.finish()
}

// finish sees to it that the server has no more to send of it.
func (f *file) finish() error {
	c := f.client
	if c.broken != nil || f.outcome != nil {
		return nil //nolint:nilerr // who asks next is told
	}
	if !f.begun {
		f.begun, f.outcome = true, io.EOF
		if err := c.line.write(drop, nil); err != nil {
			return c.fail(err)
		}
		if f.last {
			_, err := c.answer()
			return err
		}
		return nil
	}
	_, _ = io.Copy(io.Discard, f) // that the rest can't be had matters to nobody
	return c.broken
}
