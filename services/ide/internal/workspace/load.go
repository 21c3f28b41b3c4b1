package workspace

import (
	"context"
	"errors"
	"time"
)

// Observer is told what is measured as it happens.
type Observer interface {
	// Started tells how long it took until a workspace ran, or until its start failed.
	Started(isolation string, took time.Duration, failed bool)
}

// Load is what the workspaces that this process runs take together.
type Load struct {
	// Running counts those whose editor answers, Open those of them that
	// somebody is connected to.
	Running, Open int
	// Processor is in thousandths of a core, Memory in bytes, both as the
	// reconciler saw them last.
	Processor, Memory int64
}

// Load sums what the workspaces take.
func (m *Manager) Load() Load {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum Load
	for _, s := range m.sandboxes {
		if !s.ready {
			continue
		}
		sum.Running++
		if s.use.open.Load() > 0 {
			sum.Open++
		}
		sum.Processor += s.use.processor
		sum.Memory += s.use.before.stats.MemoryBytes
	}
	return sum
}

// timed tells how long a start takes that is not given up.
func (m *Manager) timed(start func(context.Context, *progress, Workspace) error) func(context.Context, *progress, Workspace) error {
	if m.Observer == nil {
		return start
	}
	return func(ctx context.Context, p *progress, w Workspace) error {
		begun := m.Now()
		err := start(ctx, p, w)
		if !errors.Is(err, errSuperseded) && !errors.Is(context.Cause(ctx), errSuperseded) && m.base.Err() == nil {
			m.Observer.Started(m.given(w), m.Now().Sub(begun), err != nil)
		}
		return err
	}
}
