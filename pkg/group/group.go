// Package group has what many callers ask for at the same time done in one go,
// such as one transaction for all of them.
package group

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Group does together what is asked for while the store is at work on what was
// asked before: one transaction serves many calls under load, and a call that
// comes alone waits for nobody.
//
// The zero Group is ready.
type Group[In, Out any] struct {
	mu      sync.Mutex
	waiting []*asked[In, Out]
	busy    bool
}

// asked is one that waits.
type asked[In, Out any] struct {
	in   In
	done chan answered[Out]
	// lead tells it to do what waits, itself included.
	lead chan struct{}
}

type answered[Out any] struct {
	out Out
	err error
}

// Do gives what all answers to one, by whichever caller calls it. That caller's
// context serves all who wait with it, so it may end by time, not because
// somebody left.
func (g *Group[In, Out]) Do(ctx context.Context, in In, all func(context.Context, []In) ([]Out, []error)) (Out, error) {
	mine := &asked[In, Out]{in: in, done: make(chan answered[Out], 1), lead: make(chan struct{}, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, mine)
	if !g.busy {
		g.busy = true
		mine.lead <- struct{}{}
	}
	g.mu.Unlock()
	select {
	case a := <-mine.done:
		return a.out, a.err
	case <-mine.lead: // nobody else would: this must not end with ctx
	}
	g.mu.Lock()
	together := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	ins := make([]In, len(together))
	for i, a := range together {
		ins[i] = a.in
	}
	outs, errs := make([]Out, len(together)), slices.Repeat([]error{errPanicked}, len(together))
	defer g.pass()
	defer func() {
		for i, a := range together {
			a.done <- answered[Out]{outs[i], errs[i]}
		}
	}()
	outs, errs = all(ctx, ins)
	i := slices.Index(together, mine)
	return outs[i], errs[i]
}

// pass lets the next one lead, or nobody.
func (g *Group[In, Out]) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) > 0 {
		g.waiting[0].lead <- struct{}{}
	} else {
		g.busy = false
	}
}

// errPanicked is for those who waited with somebody whose call ended in a panic.
var errPanicked = errors.New("what was done together ended in a panic")
