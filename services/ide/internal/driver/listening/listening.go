package listening

import (
	"cmp"
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

// Socket is one that takes connections.
type Socket struct {
	Address net.IP
	Port    int
	// PID is the process that holds it; 0 when it can't be told.
	PID int
}

const stateListen = 10 // TCP_LISTEN of the kernel

// Sockets gives the listening sockets of the network that a process is in.
func Sockets(pid int, processes []int) ([]Socket, error) {
	lines, err := tables(pid)
	if err != nil {
		return nil, err
	}
	holders := holders(processes)
	var found []Socket
	for _, line := range lines {
		if line.St == stateListen {
			found = append(found, Socket{Address: line.LocalAddr, Port: int(line.LocalPort), PID: holders[line.Inode]})
		}
	}
	return found, nil
}

// Ports names the programs of sockets, each port once, by number.
func Ports(sockets []Socket) []driver.Port {
	var ports []driver.Port
	for _, s := range sockets {
		ports = append(ports, driver.Port{Number: s.Port, Process: program(s.PID)})
	}
	slices.SortFunc(ports, func(a, b driver.Port) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(ports, func(a, b driver.Port) bool { return a.Number == b.Number })
}

// Reachable is the host and port where a socket can be connected to.
func (s Socket) Reachable() string {
	host := s.Address.String()
	switch {
	case !s.Address.IsUnspecified():
	case s.Address.To4() == nil:
		host = net.IPv6loopback.String()
	default:
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(s.Port))
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

// tables reads the TCP tables of the network that a process is in.
func tables(pid int) (procfs.NetTCP, error) {
	proc, err := procfs.NewFS(filepath.Join("/proc", strconv.Itoa(pid)))
	if err != nil {
		return nil, driver.ErrNotRunning
	}
	lines, err := proc.NetTCP() //nolint:staticcheck // netlink asks for the own network only
	if err != nil {
		return nil, fmt.Errorf("listening sockets: %w", err)
	}
	six, err := proc.NetTCP6()                         //nolint:staticcheck // as above
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a machine may have no IPv6
		return nil, fmt.Errorf("listening sockets: %w", err)
	}
	return append(lines, six...), nil
}

// holders tells which process holds a socket, by the socket's inode.
func holders(pids []int) map[uint64]int {
	found := map[uint64]int{}
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
				found[n] = pid
			}
		}
	}
	return found
}
