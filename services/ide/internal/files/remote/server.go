package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/frame"
	"atrium.internal/services/ide/internal/files"
)

// Server works on one project's folder.
type Server struct {
	Root *os.Root
	// Commit is the lock of changes to this folder.
	Commit sync.Locker
	// Export shows everything in the folder to a visitor.
	Export func(ctx context.Context, visit driver.Visitor) error
}

// Serve answers requests, one after the other, until the connection ends. An
// io.EOF is told as nil.
func (s Server) Serve(ctx context.Context, conn io.ReadWriter) error {
	l := newLine(conn)
	for {
		kind, body, err := frame.Read(conn, l.buffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var r request
		if err := l.rest(kind, body, &r); err != nil {
			return err
		}
		a, err := s.do(ctx, l, r)
		var gone *goneError
		if errors.As(err, &gone) {
			return gone.because
		}
		if err != nil {
			a = refuse(err)
		}
		if err := l.send(a); err != nil {
			return err
		}
	}
}

// goneError ends work whose client is gone; nobody hears of it.
type goneError struct{ because error }

func (e *goneError) Error() string { return fmt.Sprintf("the client is gone: %v", e.because) }

func gone(err error) error {
	if err != nil {
		return &goneError{err}
	}
	return nil
}

func (s Server) do(ctx context.Context, l line, r request) (a answer, err error) {
	f := files.In(s.Root, s.Commit)
	switch r.Do {
	case "list":
		a.Entries, a.Truncated, err = f.List(r.Path)
	case "search":
		a.Found, a.Truncated, err = f.Search(ctx, r.Words, r.Limit)
	case "open":
		return s.open(l, f, r)
	case "write":
		a.Version, err = f.Write(r.Path, r.Condition, &pulled{line: l})
	case "folder":
		a.Entry, err = f.MakeDirectory(r.Path)
	case "move":
		a.Entry, err = f.Move(r.Path, r.To, r.Overwrite)
	case "delete":
		err = f.Delete(r.Path, r.Recursive, r.Condition)
	case "has":
		err = f.Has(r.Path)
	case "pack":
		err = f.Pack(r.Path, r.Format, pushing(func(p []byte) error { return l.write(data, p) }))
	case "unpack":
		room := &room{line: l}
		a.Unpacked, err = f.Unpack(r.Path, &pulled{line: l}, room.take)
	case "sweep":
		err = f.Sweep(ctx, r.Before)
	case "export":
		err = s.Export(ctx, &showing{line: l})
	default:
		err = fmt.Errorf("unknown work %q", r.Do)
	}
	return a, err
}

// open answers with a file's version, and then sends the file if it is wanted.
func (s Server) open(l line, f *files.Folder, r request) (answer, error) {
	file, version, err := f.Open(r.Path)
	if err != nil {
		return answer{}, err
	}
	defer file.Close()
	if err := l.send(answer{Version: version}); err != nil {
		return answer{}, gone(err)
	}
	return answer{}, l.offer(io.LimitReader(file, version.Size))
}

// offer sends content if the client wants it.
func (l line) offer(content io.Reader) error {
	kind, _, err := l.read()
	if err != nil || kind != want {
		return gone(err)
	}
	failed, unreadable := l.pour(content)
	if failed != nil {
		return gone(failed)
	}
	if unreadable != nil {
		return unreadable
	}
	return gone(l.write(end, nil))
}

// errCut ends work whose content does not come whole. The client knows why.
var errCut = errors.New("the content is cut")

// pulled is content that the client has.
type pulled struct {
	line  line
	left  []byte
	ended bool
}

func (p *pulled) Read(into []byte) (int, error) {
	if len(p.left) == 0 && !p.ended {
		if err := p.line.write(want, nil); err != nil {
			return 0, gone(err)
		}
		kind, body, err := p.line.read()
		switch {
		case err != nil:
			return 0, gone(err)
		case kind == data:
			p.left = append(p.left[:0], body...)
		case kind == end:
			p.ended = true
		case kind == drop:
			return 0, errCut
		default:
			return 0, gone(fmt.Errorf("a frame %q for content", kind))
		}
	}
	if p.ended {
		return 0, io.EOF
	}
	n := copy(into, p.left)
	p.left = p.left[n:]
	return n, nil
}

// askedAhead is how much room is asked for at once: a question for every small
// file of an archive would take longer than the file.
const askedAhead = 64 << 10

// room is what may still be written.
type room struct {
	line line
	left int64
}

func (r *room) take(n int64) error {
	if n > r.left {
		ask := max(n-r.left, askedAhead)
		if err := r.line.write(take, strconv.AppendInt(nil, ask, 10)); err != nil {
			return gone(err)
		}
		kind, _, err := r.line.read()
		if err != nil {
			return gone(err)
		}
		if kind != granted {
			return files.ErrQuota
		}
		r.left += ask
	}
	r.left -= n
	return nil
}

// pushing cuts what is written into frames.
type pushing func([]byte) error

func (push pushing) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), frame.Longest)
		if err := push(p[:n]); err != nil {
			return written, gone(err)
		}
		written += n
		p = p[n:]
	}
	return written, nil
}

// showing is a visitor that shows the client what it is shown.
type showing struct{ line line }

func (s *showing) show(what shown) error { return gone(s.line.send(answer{Shown: &what})) }

func (s *showing) File(name string, size int64, content io.Reader) error {
	if err := s.show(shown{Kind: 'f', Name: []byte(name), Size: size}); err != nil {
		return err
	}
	err := s.line.offer(content)
	var gone *goneError
	if err == nil || errors.As(err, &gone) {
		return err
	}
	return s.line.send(refuse(err)) // in place of the end: the rest may still be had
}

func (s *showing) Link(name, target string) error {
	return s.show(shown{Kind: 'l', Name: []byte(name), Target: []byte(target)})
}

func (s *showing) Skipped(name, reason string) error {
	return s.show(shown{Kind: 's', Name: []byte(name), Reason: reason})
}
