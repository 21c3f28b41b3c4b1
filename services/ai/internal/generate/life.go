package generate

import (
	"context"
	"errors"
	"time"
)

// Heartbeat tells the ledger which calls are alive.
func (g *Generator) Heartbeat(ctx context.Context) error {
	alive := g.inflight.progress()
	if len(alive) == 0 {
		return nil
	}
	return g.ledger.Touch(ctx, alive)
}

// abortGrace is how long ended calls have to settle.
const abortGrace = 5 * time.Second

// Stop refuses further calls and waits for the running ones; when ctx ends it
// ends them, which settles them as they stand.
func (g *Generator) Stop(ctx context.Context) error {
	idle := g.inflight.close()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	g.inflight.abort(ErrShuttingDown)
	select {
	case <-idle:
		return nil
	case <-time.After(abortGrace):
		return errors.New("answers were still being entered into the ledger at the end of the grace")
	}
}
