package directory

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// process names a process of this machine beyond any reuse of its pid.
type process struct {
	PID int `json:"pid"`
	// Start is when it began, in clock ticks since the machine did.
	Start uint64 `json:"start"`
	Boot  string `json:"boot"`
}

// identify names the process that has the pid now.
func identify(pid int) (process, error) {
	stat, err := readStat(pid)
	if err != nil {
		return process{}, err
	}
	return process{PID: pid, Start: stat.start, Boot: bootID()}, nil
}

// alive reports whether it still runs. One that ended and that this program
// started is waited for, so that it leaves the process table.
func (p process) alive() bool {
	if p.PID <= 0 || p.Boot != bootID() {
		return false
	}
	stat, err := readStat(p.PID)
	if err != nil || stat.start != p.Start {
		return false
	}
	if stat.state != 'Z' {
		return true
	}
	var status unix.WaitStatus
	_, _ = unix.Wait4(p.PID, &status, unix.WNOHANG, nil)
	return false
}

var bootID = sync.OnceValue(func() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
})

// procStat is what is needed of /proc/<pid>/stat.
type procStat struct {
	name   string
	state  byte
	parent int
	ticks  uint64 // user and system time, in clock ticks
	start  uint64
	pages  uint64 // resident memory
}

func readStat(pid int) (procStat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procStat{}, err
	}
	return parseStat(text)
}

// parseStat reads "pid (name) state ppid …"; the name may hold anything.
func parseStat(text []byte) (procStat, error) {
	opening, closing := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if opening < 0 || closing < opening {
		return procStat{}, fmt.Errorf("process status %.40q is not readable", text)
	}
	fields := strings.Fields(string(text[closing+1:]))
	if len(fields) < 22 {
		return procStat{}, fmt.Errorf("process status %.40q is not readable", text)
	}
	number := func(i int) uint64 {
		n, _ := strconv.ParseUint(fields[i], 10, 64)
		return n
	}
	return procStat{
		name:   string(text[opening+1 : closing]),
		state:  fields[0][0],
		parent: int(number(1)),
		ticks:  number(11) + number(12),
		start:  number(19),
		pages:  number(21),
	}, nil
}

// table is a snapshot of all processes.
func table() (map[int]procStat, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("process table: %w", err)
	}
	all := map[int]procStat{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if stat, err := readStat(pid); err == nil { // else it has just ended
			all[pid] = stat
		}
	}
	return all, nil
}

// tree gives the processes below and including root, those nearer to it first.
func tree(all map[int]procStat, root int) []int {
	if _, ok := all[root]; !ok {
		return nil
	}
	children := map[int][]int{}
	for pid, stat := range all {
		children[stat.parent] = append(children[stat.parent], pid)
	}
	pids := []int{root}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children[pids[i]]...)
	}
	return pids
}
