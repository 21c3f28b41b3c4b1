package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Part is something that runs: Start returns when it is ready, Stop when it has
// ended; Stop is bounded by its context and may be called twice.
type Part interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Func makes a part of two functions, either of which may be nil.
type Func struct {
	OnStart, OnStop func(ctx context.Context) error
}

// Start calls OnStart.
func (f Func) Start(ctx context.Context) error {
	if f.OnStart == nil {
		return nil
	}
	return f.OnStart(ctx)
}

// Stop calls OnStop.
func (f Func) Stop(ctx context.Context) error {
	if f.OnStop == nil {
		return nil
	}
	return f.OnStop(ctx)
}

// Group runs parts, and is itself one. The zero value is empty and silent.
type Group struct {
	Log *slog.Logger
	// Grace is how long each part may take to stop; 0 is 10 seconds.
	Grace time.Duration

	parts   []named
	failed  chan error
	once    sync.Once
	started int
}

type named struct {
	name string
	part Part
}

// Add appends a part; it starts after, and stops before, those added earlier.
func (g *Group) Add(name string, part Part) { g.parts = append(g.parts, named{name, part}) }

// Fail ends Run with the error. A part that breaks while it runs calls it.
func (g *Group) Fail(err error) {
	select {
	case g.failures() <- err:
	default: // an earlier failure is already ending the program
	}
}

// Start starts every part in order. If one fails, those before it are stopped
// again and the error names it.
func (g *Group) Start(ctx context.Context) error {
	for _, p := range g.parts[g.started:] {
		begin := time.Now()
		if err := p.part.Start(ctx); err != nil {
			err = fmt.Errorf("start %s: %w", p.name, err)
			return errors.Join(err, p.part.Stop(ctx), g.Stop(ctx))
		}
		g.started++
		if g.Log != nil {
			g.Log.DebugContext(ctx, "started", "part", p.name, "duration", time.Since(begin))
		}
	}
	return nil
}

// Wait blocks until ctx ends or a part fails, and gives that failure.
func (g *Group) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-g.failures():
		return err
	}
}

// Stop stops what was started, last first, whatever fails on the way. Each
// part has the grace of its own, however long ctx still lasts.
func (g *Group) Stop(context.Context) error {
	grace := g.Grace
	if grace == 0 {
		grace = 10 * time.Second
	}
	var faults []error
	for ; g.started > 0; g.started-- {
		p := g.parts[g.started-1]
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		if err := p.part.Stop(ctx); err != nil {
			faults = append(faults, fmt.Errorf("stop %s: %w", p.name, err))
		}
		cancel()
	}
	return errors.Join(faults...)
}

func (g *Group) failures() chan error {
	g.once.Do(func() { g.failed = make(chan error, 1) })
	return g.failed
}
