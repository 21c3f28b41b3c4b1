package wire

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// linger is how long a connection with a refused request is kept readable, so
// that what the client still sends does not wipe out the answer it is to read.
const linger = 500 * time.Millisecond

// conn gives net/http the bytes of whole, well-formed requests.
type conn struct {
	net.Conn
	limits  Limits
	pending []byte // read, not yet looked at
	ready   []byte // looked at, for net/http
	body    framing
	chunks  *chunks
	refused bool
	// upgraded is set when raw bytes may follow a request, over when they may not
	// after all.
	upgraded, over atomic.Bool

	mu sync.Mutex
	// deadline is the one that net/http has set, head ours for a head that has begun.
	deadline, head time.Time
}

// Read is called by one goroutine at a time.
func (c *conn) Read(p []byte) (int, error) {
	for {
		switch {
		case c.over.Load():
			return 0, io.EOF
		case len(c.ready) > 0:
			n := copy(p, c.ready)
			c.ready = c.ready[n:]
			return n, nil
		case c.refused:
			return 0, io.EOF
		case c.upgraded.Load() && len(c.pending) == 0:
			return c.Conn.Read(p)
		case c.body.length > 0 && len(c.pending) == 0:
			n, err := c.Conn.Read(p[:min(int64(len(p)), c.body.length)])
			c.body.length -= int64(n)
			return n, err
		}
		if moved, err := c.advance(); err != nil {
			return 0, err
		} else if moved {
			continue
		}
		if err := c.more(); err != nil {
			return 0, err
		}
	}
}

// advance makes what is pending ready, as far as it is whole.
func (c *conn) advance() (moved bool, err error) {
	switch {
	case len(c.pending) == 0:
		return false, nil
	case c.upgraded.Load():
		c.pass(len(c.pending))
	case c.body.length > 0:
		n := int(min(c.body.length, int64(len(c.pending))))
		c.body.length -= int64(n)
		c.pass(n)
	case c.chunks != nil:
		n, ended, err := c.chunks.next(c.pending)
		if err != nil || n == 0 {
			return false, err
		}
		c.pass(n)
		if ended {
			c.chunks = nil
		}
	default:
		return c.advanceHead(), nil
	}
	return true, nil
}

func (c *conn) advanceHead() bool {
	end := bytes.Index(c.pending, []byte("\r\n\r\n"))
	// A head that ends with bare line feeds would never be found to be whole.
	if lax := bytes.Index(c.pending, []byte("\n\n")); lax >= 0 && (end < 0 || lax < end) {
		c.refuse(faultForm)
		return true
	}
	if end < 0 || end > c.limits.HeaderBytes {
		if len(c.pending) > c.limits.HeaderBytes {
			c.refuse(faultHead)
			return true
		}
		c.startHead()
		return false
	}
	c.endHead()
	head := c.pending[:end+4]
	body, bad := readHead(head, c.limits.URLBytes)
	if bad != faultNone {
		c.refuse(bad)
		return true
	}
	c.body = body
	if body.chunked {
		c.chunks = &chunks{}
	}
	c.pass(len(head))
	if body.upgrade {
		c.upgraded.Store(true)
	}
	return true
}

func (c *conn) pass(n int) {
	c.ready, c.pending = c.pending[:n], c.pending[n:]
}

// refuse puts a request of our own in the place of the bad one. It is the last.
func (c *conn) refuse(why fault) {
	c.endHead()
	c.refused, c.pending = true, nil
	c.ready = refusedRequest(why)
}

func (c *conn) more() error {
	const step = 4 << 10
	if cap(c.pending)-len(c.pending) < step {
		c.pending = append(make([]byte, 0, len(c.pending)+2*step), c.pending...)
	}
	n, err := c.Conn.Read(c.pending[len(c.pending) : len(c.pending)+step])
	c.pending = c.pending[:len(c.pending)+n]
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// idle is called when net/http waits for the next request. After one that asked
// for an upgrade and was refused it there must be none: its bytes went unseen.
func (c *conn) idle() {
	if c.upgraded.Load() {
		c.over.Store(true)
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0)) // wakes a reader; one that comes later looks first
	}
}

// startHead bounds the time for the rest of a head. net/http counts it only
// from the head's arrival on connections that it keeps alive.
func (c *conn) startHead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head.IsZero() {
		c.head = time.Now().Add(c.limits.HeaderTimeout)
		_ = c.Conn.SetReadDeadline(c.effective()) // a broken connection shows at the next read
	}
}

func (c *conn) endHead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.head.IsZero() {
		c.head = time.Time{}
		_ = c.Conn.SetReadDeadline(c.effective()) // likewise
	}
}

func (c *conn) effective() time.Time {
	if c.head.IsZero() || (!c.deadline.IsZero() && c.deadline.Before(c.head)) {
		return c.deadline
	}
	return c.head
}

// SetReadDeadline keeps the earlier of net/http's deadline and ours.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetReadDeadline(c.effective())
}

// SetDeadline sets both.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// CloseWrite ends the writing half, as net/http does before it closes.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close lets the client of a refused request read why.
func (c *conn) Close() error {
	if c.refused && c.CloseWrite() == nil && c.Conn.SetReadDeadline(time.Now().Add(linger)) == nil {
		_, _ = io.Copy(io.Discard, c.Conn) // ends with the deadline at the latest
	}
	return c.Conn.Close()
}

// encrypted is a conn over TLS.
type encrypted struct{ *conn }

// ConnectionState is where net/http learns of the TLS below.
func (e encrypted) ConnectionState() tls.ConnectionState {
	return e.Conn.(*tls.Conn).ConnectionState()
}
