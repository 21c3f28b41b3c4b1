package unixsock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrHostile is answered for a socket that is not what the driver's own program
// inside would have made.
var ErrHostile = errors.New("the workspace's socket was replaced by something else")

// Dial connects to a socket in a folder that a workspace can write to. A link
// there could lead to another workspace or to the platform's own sockets: so it
// is opened without following any, checked to be a socket of the workspace's
// uid, and connected to by that very descriptor.
func Dial(ctx context.Context, dir, name string, uid int) (*net.UnixConn, error) {
	fd, err := open(dir, name, uid)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join("/proc/self/fd", strconv.Itoa(fd)))
	if err != nil {
		return nil, fmt.Errorf("the workspace does not answer: %w", err)
	}
	return conn.(*net.UnixConn), nil
}

// open gives a descriptor that only names the socket.
func open(dir, name string, uid int) (int, error) {
	dirFD, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("the workspace's socket: %w", err)
	}
	defer unix.Close(dirFD)
	fd, err := unix.Openat2(dirFD, name, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if errors.Is(err, unix.ELOOP) {
		return -1, ErrHostile
	}
	if err != nil {
		return -1, fmt.Errorf("the workspace's socket: %w", err)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("the workspace's socket: %w", err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFSOCK || int(stat.Uid) != uid {
		unix.Close(fd)
		return -1, ErrHostile
	}
	return fd, nil
}

// CheckPeer asks the kernel whether a process of the uid listens at the other end.
func CheckPeer(conn *net.UnixConn, uid int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("the workspace's socket: %w", err)
	}
	var peer *unix.Ucred
	var peerErr error
	if err := raw.Control(func(fd uintptr) {
		peer, peerErr = unix.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("the workspace's socket: %w", err)
	}
	if peerErr != nil {
		return fmt.Errorf("the workspace's socket: %w", peerErr)
	}
	if int(peer.Uid) != uid {
		return ErrHostile
	}
	return nil
}
