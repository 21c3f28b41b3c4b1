package directory

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver"
)

// errHostileSocket is for a socket that is not what the driver's own editor
// would have made.
var errHostileSocket = errors.New("the editor's socket was replaced by something else")

// Dial connects to the editor's socket, which lies in a folder that the
// workspace can write to. A link there could lead to another workspace or to
// the platform's own sockets: so it is opened without following any, checked to
// be a socket, connected to by that very descriptor, and the process at its
// other end must run under the workspace's uid.
func (d *Driver) Dial(ctx context.Context, h driver.Handle) (net.Conn, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	if !r.Process.alive() {
		return nil, driver.ErrNotRunning
	}
	fd, err := openSocket(r.SocketDir, r.UID)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join("/proc/self/fd", strconv.Itoa(fd)))
	if err != nil {
		return nil, fmt.Errorf("the editor does not answer: %w", err)
	}
	if err := checkPeer(conn.(*net.UnixConn), r.UID); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// openSocket gives a descriptor that only names the socket.
func openSocket(dir string, uid int) (int, error) {
	dirFD, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("the editor's socket: %w", err)
	}
	defer unix.Close(dirFD)
	fd, err := unix.Openat2(dirFD, socketName, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if errors.Is(err, unix.ELOOP) {
		return -1, errHostileSocket
	}
	if err != nil {
		return -1, fmt.Errorf("the editor's socket: %w", err)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("the editor's socket: %w", err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFSOCK || int(stat.Uid) != uid {
		unix.Close(fd)
		return -1, errHostileSocket
	}
	return fd, nil
}

// checkPeer asks the kernel who listens at the other end.
func checkPeer(conn *net.UnixConn, uid int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("the editor's socket: %w", err)
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("the editor's socket: %w", err)
	}
	if peerErr != nil {
		return fmt.Errorf("the editor's socket: %w", peerErr)
	}
	if int(peer.Uid) != uid {
		return errHostileSocket
	}
	return nil
}
