package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
)

// clockTick is the kernel's unit of process times; it has been 1/100 s on
// every architecture for decades.
const clockTick = 10 * time.Millisecond

// Stats reads the control group; without one it adds up the processes, which
// counts pages that they share more than once.
func (d *Driver) Stats(_ context.Context, h driver.Handle) (driver.Stats, error) {
	r, err := decode(h.State)
	if err != nil {
		return driver.Stats{}, err
	}
	if !r.Process.alive() {
		return driver.Stats{}, driver.ErrNotRunning
	}
	if r.Cgroup {
		return groupStats(r)
	}
	all, err := table()
	if err != nil {
		return driver.Stats{}, err
	}
	s := driver.Stats{At: time.Now()}
	for _, pid := range tree(all, r.Process.PID) {
		s.Processes++
		s.CPUTime += time.Duration(all[pid].ticks) * clockTick
		s.MemoryBytes += int64(all[pid].pages) * int64(os.Getpagesize())
	}
	return s, nil
}

func groupStats(r record) (driver.Stats, error) {
	g, err := cgroup.Find(r.place())
	if err != nil {
		return driver.Stats{}, err
	}
	return g.Stats()
}

// Logs reads the end of what the editor printed, also after it has ended. A log that grew past its
// bound is begun anew.
func (d *Driver) Logs(_ context.Context, h driver.Handle, lines int) ([]string, error) {
	const (
		tail  = 256 << 10
		bound = 8 << 20
	)
	f, err := os.OpenFile(d.Log(h.WorkspaceID), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the editor's log: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("the editor's log: %w", err)
	}
	start := max(info.Size()-tail, 0)
	text, err := io.ReadAll(io.NewSectionReader(f, start, tail))
	if err != nil {
		return nil, fmt.Errorf("the editor's log: %w", err)
	}
	if info.Size() > bound {
		if err := f.Truncate(0); err != nil { // the editor appends, so this is safe
			return nil, fmt.Errorf("the editor's log: %w", err)
		}
	}
	if start > 0 {
		if _, rest, ok := bytes.Cut(text, []byte("\n")); ok {
			text = rest
		}
	}
	all := strings.Split(strings.TrimRight(strings.ToValidUTF8(string(text), "\uFFFD"), "\n"), "\n")
	return all[max(len(all)-lines, 0):], nil
}
