package wire

import (
	"net"
	"sync"

	"atrium.internal/pkg/household"
)

// counts knows how many connections there are, and how many of each address.
type counts struct {
	mu        sync.Mutex
	limits    Limits
	all       int
	addresses map[string]int
}

func newCounts(limits Limits) *counts {
	return &counts{limits: limits, addresses: map[string]int{}}
}

// admit counts a connection until it is closed; false if there are too many.
func (c *counts) admit(raw net.Conn) (net.Conn, bool) {
	host, _, err := net.SplitHostPort(raw.RemoteAddr().String())
	if err != nil {
		host = raw.RemoteAddr().String()
	}
	address := household.Of(host)
	c.mu.Lock()
	defer c.mu.Unlock()
	if (c.limits.Connections > 0 && c.all >= c.limits.Connections) ||
		(c.limits.PerAddress > 0 && c.addresses[address] >= c.limits.PerAddress) {
		return nil, false
	}
	c.all++
	c.addresses[address]++
	return &counted{Conn: raw, release: sync.OnceFunc(func() { c.release(address) })}, true
}

func (c *counts) release(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.addresses[address]--; c.addresses[address] == 0 {
		delete(c.addresses, address)
	}
}

type counted struct {
	net.Conn
	release func()
}

// Close gives the connection's place back.
func (c *counted) Close() error {
	c.release()
	return c.Conn.Close()
}

// CloseWrite ends the writing half.
func (c *counted) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
