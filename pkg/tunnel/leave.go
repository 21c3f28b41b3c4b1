package tunnel

import (
	"net"
	"sync/atomic"
	"time"
)

const (
	// quiet is for how long nothing has passed when a tunnel may be closed without
	// cutting an answer in two, and quietPatience how long that is waited for.
	quiet, quietPatience = 250 * time.Millisecond, 5 * time.Second
)

// watched is one end of a tunnel; passed is when something last came from it.
type watched struct {
	net.Conn
	passed *atomic.Int64
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.passed.Store(time.Now().UnixNano())
	return n, err
}

// leave closes a tunnel as soon as it is quiet, or when patience ends: its
// client connects again, and what it asked for then would be half there.
func leave(passed *atomic.Int64, conns ...net.Conn) {
	for begin := time.Now(); time.Since(begin) < quietPatience; {
		still := quiet - time.Since(time.Unix(0, passed.Load()))
		if still <= 0 {
			break
		}
		time.Sleep(still)
	}
	for _, conn := range conns {
		_ = conn.Close() // either end may have gone
	}
}
