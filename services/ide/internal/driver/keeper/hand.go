package keeper

import (
	"errors"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// handing is a connection within a machine over which one open file goes in each
// direction. Over any other it is just that connection.
type handing struct {
	net.Conn
	// give is a descriptor that goes with what is written next, or negative; it
	// stays the giver's.
	give int
	// got is the descriptor that has come, and come that there is one.
	got  int
	come bool
}

func newHanding(conn net.Conn, give int) *handing { return &handing{Conn: conn, give: give} }

// take gives the descriptor that has come, which is then the caller's.
func (h *handing) take() (fd int, ok bool) {
	ok, h.come = h.come, false
	return h.got, ok
}

// drop closes what has come and nobody took.
func (h *handing) drop() {
	if fd, ok := h.take(); ok {
		unix.Close(fd)
	}
}

func (h *handing) CloseWrite() error { return closeWrite(h.Conn) }

func (h *handing) Write(p []byte) (int, error) {
	conn, ok := h.Conn.(*net.UnixConn)
	if h.give < 0 || !ok {
		return h.Conn.Write(p)
	}
	give := h.give
	h.give = -1
	n, _, err := conn.WriteMsgUnix(p, unix.UnixRights(give), nil)
	return max(n, 0), err
}

func (h *handing) Read(p []byte) (int, error) {
	conn, ok := h.Conn.(*net.UnixConn)
	if !ok {
		return h.Conn.Read(p)
	}
	beside := make([]byte, unix.CmsgSpace(4))
	n, rights, _, _, err := conn.ReadMsgUnix(p, beside)
	if rights > 0 {
		err = errors.Join(err, h.receive(beside[:rights]))
	}
	if errors.Is(err, io.EOF) {
		err = io.EOF // which readers compare with
	}
	return max(n, 0), err
}

// receive keeps the first file that comes.
func (h *handing) receive(beside []byte) error {
	messages, err := unix.ParseSocketControlMessage(beside)
	if err != nil {
		return err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return err
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			if h.come {
				unix.Close(fd)
				continue
			}
			h.got, h.come = fd, true
		}
	}
	return nil
}
