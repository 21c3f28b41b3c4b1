package docker

import (
	"context"
	"strings"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/cgroup"
)

// Stats reads the container's control group, which unlike the engine's own
// figures counts what ended for lack of memory.
func (d *Driver) Stats(ctx context.Context, h driver.Handle) (driver.Stats, error) {
	r, err := decode(h.State)
	if err != nil {
		return driver.Stats{}, err
	}
	pid, err := d.running(ctx, r)
	if err != nil {
		return driver.Stats{}, err
	}
	group, err := cgroup.Of(pid)
	if err != nil {
		return driver.Stats{}, err
	}
	return group.Stats()
}

// Logs gives the end of what the container printed, which the engine keeps
// within a bound.
func (d *Driver) Logs(ctx context.Context, h driver.Handle, lines int) ([]string, error) {
	r, err := decode(h.State)
	if err != nil {
		return nil, err
	}
	const limit = 256 << 10
	text, err := d.engine.logs(ctx, r.Container, lines, limit)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	all := strings.Split(strings.TrimRight(strings.ToValidUTF8(string(text), "\uFFFD"), "\n"), "\n")
	return all[max(len(all)-lines, 0):], nil
}
