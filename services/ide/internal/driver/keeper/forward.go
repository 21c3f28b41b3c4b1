package keeper

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"sync"
)

// dialer bounds how long the sandbox's own programs may let a connection wait.
var dialer = net.Dialer{Timeout: answerWithin}

// forward leads a connection to the proxy port out through the socket that the
// driver serves. There is no other way out of the sandbox.
func forward(conn net.Conn) {
	out, err := dialer.DialContext(context.Background(), "unix", filepath.Join(EgressDir, EgressSocket))
	if err != nil {
		conn.Close()
		return
	}
	join(conn, out)
}

// join copies both ways until both have ended, and closes both.
func join(a, b net.Conn) {
	defer a.Close()
	defer b.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			if closeWrite(way[0]) != nil { // it is gone: so is the other direction
				a.Close()
				b.Close()
			}
		})
	}
	both.Wait()
}
