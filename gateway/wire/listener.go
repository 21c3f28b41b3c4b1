package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits bound what one connection and one address may take.
type Limits struct {
	// HeaderTimeout is for a TLS handshake and for each request's head.
	HeaderTimeout time.Duration
	// HeaderBytes and URLBytes are of one request.
	HeaderBytes, URLBytes int
	// Connections is of all, PerAddress of one address; 0 is no limit.
	Connections, PerAddress int
}

// Listener accepts connections for net/http.
type Listener struct {
	net.Listener
	limits Limits
	tls    *tls.Config
	log    *slog.Logger
	counts *counts

	once       sync.Once
	accepted   chan net.Conn
	failed     chan error
	closing    context.Context
	close      context.CancelFunc
	handshakes sync.WaitGroup
}

// Wrap puts the rules of this package on a listener. A nil config is plain HTTP.
func Wrap(inner net.Listener, config *tls.Config, limits Limits, log *slog.Logger) *Listener {
	closing, cancel := context.WithCancel(context.Background())
	return &Listener{
		Listener: inner, limits: limits, tls: config, log: log, counts: newCounts(limits),
		accepted: make(chan net.Conn), failed: make(chan error, 1), closing: closing, close: cancel,
	}
}

// Accept gives the next connection, its handshake done.
func (l *Listener) Accept() (net.Conn, error) {
	l.once.Do(func() { l.handshakes.Go(l.acceptAll) })
	select {
	case c := <-l.accepted:
		return c, nil
	case err := <-l.failed:
		l.failed <- err // for a next call
		return nil, err
	}
}

// Close ends accepting, handshakes under way included.
func (l *Listener) Close() error {
	l.close()
	err := l.Listener.Close()
	l.handshakes.Wait()
	return err
}

func (l *Listener) acceptAll() {
	for pause := time.Duration(0); ; {
		raw, err := l.Listener.Accept()
		var temporary interface{ Temporary() bool }
		switch {
		case err == nil:
			pause = 0
			l.handshakes.Go(func() { l.admit(raw) })
		case l.closing.Err() == nil && errors.As(err, &temporary) && temporary.Temporary(): // out of descriptors
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			l.log.Warn("can't accept a connection now", "error", err)
			select {
			case <-time.After(pause):
			case <-l.closing.Done():
			}
		default:
			l.failed <- err
			return
		}
	}
}

func (l *Listener) admit(raw net.Conn) {
	counted, ok := l.counts.admit(raw)
	if !ok {
		l.turnAway(raw)
		return
	}
	boundUnsent(raw)
	c, err := l.shake(counted)
	if err != nil {
		l.log.Debug("handshake failed", "address", raw.RemoteAddr().String(), "error", err)
		_ = counted.Close() // it is broken anyway
		return
	}
	select {
	case l.accepted <- c:
	case <-l.closing.Done():
		_ = counted.Close() // nobody will serve it
	}
}

// shake does the TLS handshake. HTTP/2 connections go on as they are, since
// net/http must see them to be TLS, and HTTP/2 leaves no doubt about framing.
func (l *Listener) shake(counted net.Conn) (net.Conn, error) {
	if l.tls == nil {
		return &conn{Conn: counted, limits: l.limits}, nil
	}
	ctx, cancel := context.WithTimeout(l.closing, l.limits.HeaderTimeout)
	defer cancel()
	secure := tls.Server(counted, l.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	switch secure.ConnectionState().NegotiatedProtocol {
	case "h2":
		return secure, nil
	case "", "http/1.1":
		return encrypted{&conn{Conn: secure, limits: l.limits}}, nil
	}
	return nil, errors.New("the connection was a certificate authority's check") // which is over with the handshake
}

// busy is said without a look at the request, which there is no room for.
var busy = func() []byte {
	const body = `{"error":{"code":503,"status":"UNAVAILABLE","reason":"TOO_MANY_CONNECTIONS","message":"There are too many connections. Try again soon.","requestId":""}}` + "\n"
	return fmt.Appendf(nil, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}()

func (l *Listener) turnAway(raw net.Conn) {
	if l.tls == nil && raw.SetDeadline(time.Now().Add(linger)) == nil {
		_, _ = raw.Write(busy) // who doesn't read it learns it from the end of the connection
		_ = (&conn{Conn: raw, refused: true}).Close()
		return
	}
	_ = raw.Close() // likewise
}

// Watch is net/http's ConnState.
func Watch(c net.Conn, state http.ConnState) {
	if state != http.StateIdle {
		return
	}
	switch c := c.(type) {
	case *conn:
		c.idle()
	case encrypted:
		c.idle()
	}
}
