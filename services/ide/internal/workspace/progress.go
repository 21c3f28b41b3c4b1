package workspace

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
)

// toldWithin is how long a stage of a start may wait to be told with the next: a
// start that is over by then asks the database for nothing but its end.
const toldWithin = 50 * time.Millisecond

// progress tells the stages of one start while the next is under way.
type progress struct {
	m  *Manager
	id uuid.UUID
	// abandon ends the start when something else is found to be wanted.
	abandon context.CancelCauseFunc

	// writing is held by who tells, so that stages are told in their order.
	writing sync.Mutex
	mu      sync.Mutex
	passed  []Event
	timer   *time.Timer
	late    sync.WaitGroup
}

// tell notes that a stage begins.
func (p *progress) tell(step Step, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(p.passed, Event{Time: time.Now(), Step: step, Message: message, Status: Starting})
	if p.timer == nil {
		p.late.Add(1)
		p.timer = time.AfterFunc(toldWithin, func() { defer p.late.Done(); p.flush() })
	}
}

// take gives what is to be told with what its caller writes, who holds writing.
func (p *progress) take() []Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil && p.timer.Stop() {
		p.late.Done()
	}
	passed := p.passed
	p.passed, p.timer = nil, nil
	return passed
}

// untake gives it back, because it could not be written.
func (p *progress) untake(passed []Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(passed, p.passed...)
}

// end tells what is left of a start that is over, unless another replica tells by
// now.
func (p *progress) end(lost bool) {
	p.mu.Lock()
	if p.timer != nil && p.timer.Stop() {
		p.late.Done()
	}
	p.mu.Unlock()
	p.late.Wait()
	if !lost {
		p.flush()
	}
}

// flush tells what has passed, and finds out whether the start is still wanted.
func (p *progress) flush() {
	p.mu.Lock()
	none := len(p.passed) == 0
	p.mu.Unlock()
	if none {
		return
	}
	_, err := p.update(p.m.base, func(w *Workspace) (Change, error) {
		switch {
		case w.Desired != WantRunning:
			p.abandon(errSuperseded)
		case w.Status != Running: // a stop that was killed, and is no longer wanted, says stopping
			w.Status = Starting
		}
		return Change{}, nil
	})
	if err == nil {
		p.m.Bus.Publish(p.m.base, p.id)
	} else if !errors.Is(err, ErrNotFound) && p.m.base.Err() == nil {
		p.m.Log.Warn("the stages of a start can't be told yet", "workspace_id", p.id, "error", err)
	}
}

// update is Store.Update with what has passed, told before the change's own event.
func (p *progress) update(ctx context.Context, change func(*Workspace) (Change, error)) (Workspace, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	passed := p.take()
	w, err := p.m.Store.Update(ctx, p.id, func(w *Workspace) (Change, error) {
		c, err := change(w)
		c.Passed, c.Keep = passed, maxEvents
		return c, err
	})
	if err != nil {
		p.untake(passed)
	}
	return w, err
}
