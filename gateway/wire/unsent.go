package wire

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent is how much of what was written to a connection may wait in the system
// for a client that has yet to take what was sent before. Without a bound a
// client that takes nothing gets megabytes written for it, and its stream goes
// on as if they were read. What is on its way to a client is not bounded by it,
// so that long lines are as fast as before.
const unsent = 128 << 10

// boundUnsent bounds a connection. One that is no TCP connection is its own bound.
func boundUnsent(raw net.Conn) {
	tcp, ok := raw.(syscall.Conn)
	if !ok {
		return
	}
	control, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = control.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent) // Unix sockets have none
	})
}
