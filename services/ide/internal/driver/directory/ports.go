package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"atrium.internal/services/ide/internal/driver"
)

// listener is a socket of the sandbox that takes connections.
type listener struct {
	address net.IP
	port    int
	pid     int
}

const stateListen = 10 // TCP_LISTEN of the kernel

// Ports finds the sandbox's listening sockets. The network may be the whole
// machine's, so only sockets that a process of the sandbox holds count.
func (d *Driver) Ports(_ context.Context, h driver.Handle) ([]driver.Port, error) {
	found, err := d.listeners(h)
	if err != nil {
		return nil, err
	}
	var ports []driver.Port
	for _, l := range found {
		ports = append(ports, driver.Port{Number: l.port, Process: program(l.pid)})
	}
	slices.SortFunc(ports, func(a, b driver.Port) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(ports, func(a, b driver.Port) bool { return a.Number == b.Number }), nil
}

// program is what a process was started as: a thread's own name, as the kernel
// has it, says less. It is empty when the process has just ended.
func program(pid int) string {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(line), "\x00")
	const longest = 64
	return strings.ToValidUTF8(filepath.Base(name[:min(len(name), longest)]), "")
}

// DialPort connects to a listening socket of the sandbox and to no other.
func (d *Driver) DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error) {
	found, err := d.listeners(h)
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		if l.port != port {
			continue
		}
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(reachable(l.address), strconv.Itoa(port)))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", driver.ErrPortClosed, err)
		}
		return conn, nil
	}
	return nil, driver.ErrPortClosed
}

// reachable is where a socket that is bound to an address can be connected to.
func reachable(bound net.IP) string {
	if !bound.IsUnspecified() {
		return bound.String()
	}
	if bound.To4() == nil {
		return net.IPv6loopback.String()
	}
	return "127.0.0.1"
}

func (d *Driver) listeners(h driver.Handle) ([]listener, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	if !r.Process.alive() {
		return nil, driver.ErrNotRunning
	}
	pids, err := r.processes()
	if err != nil {
		return nil, err
	}
	holders := sockets(pids)
	lines, err := listening(r.Process.PID)
	if err != nil {
		return nil, err
	}
	var found []listener
	for _, line := range lines {
		if pid, ok := holders[line.Inode]; ok && line.St == stateListen {
			found = append(found, listener{address: line.LocalAddr, port: int(line.LocalPort), pid: pid})
		}
	}
	return found, nil
}

// processes are those of the sandbox.
func (r record) processes() ([]int, error) {
	if r.Cgroup {
		g, err := findGroup(r.WorkspaceID)
		if err != nil {
			return nil, err
		}
		return g.processes()
	}
	all, err := table()
	if err != nil {
		return nil, err
	}
	return tree(all, r.Process.PID), nil
}

// listening reads the TCP tables of the network that a process is in.
func listening(pid int) (procfs.NetTCP, error) {
	proc, err := procfs.NewFS(filepath.Join("/proc", strconv.Itoa(pid)))
	if err != nil {
		return nil, driver.ErrNotRunning
	}
	lines, err := proc.NetTCP() //nolint:staticcheck // netlink asks for the own network only
	if err != nil {
		return nil, fmt.Errorf("sockets of the sandbox: %w", err)
	}
	six, err := proc.NetTCP6()                         //nolint:staticcheck // as above
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a machine may have no IPv6
		return nil, fmt.Errorf("sockets of the sandbox: %w", err)
	}
	return append(lines, six...), nil
}

// sockets tells which process holds a socket, by the socket's inode.
func sockets(pids []int) map[uint64]int {
	holders := map[uint64]int{}
	for _, pid := range pids {
		dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // it has ended, or is none of ours to look into
		}
		for _, entry := range entries {
			to, err := os.Readlink(filepath.Join(dir, entry.Name()))
			if err != nil {
				continue
			}
			inode, isSocket := strings.CutPrefix(to, "socket:[")
			if !isSocket {
				continue
			}
			if n, err := strconv.ParseUint(strings.TrimSuffix(inode, "]"), 10, 64); err == nil {
				holders[n] = pid
			}
		}
	}
	return holders
}
