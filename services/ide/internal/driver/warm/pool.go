package warm

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"atrium.internal/services/ide/internal/driver"
)

// Driver is a driver that can make slots.
type Driver interface {
	driver.Driver
	driver.Warmer
}

// Options configure a Pool. Driver, Most and Ready are required.
type Options struct {
	Driver Driver
	// Most is how many slots there may be.
	Most int
	// Env is what the slots' editors are told, as name=value.
	Env []string
	// Ready waits until an editor can serve its page at once.
	Ready func(ctx context.Context, dial func(context.Context) (net.Conn, error)) error
	// Available gives the machine's memory that is free for programs, in bytes;
	// nil asks the kernel.
	Available func() (int64, error)
	// Rest is how long a slot is not made after somebody got a sandbox, who needs
	// the processor for what comes next; 0 is two seconds.
	Rest time.Duration
	// Observe may be nil. It is told what came of each sandbox asked for: Claimed,
	// Missed or Failed.
	Observe func(isolation, outcome string)
	Log     *slog.Logger
}

// What comes of asking a pool for a sandbox.
const (
	Claimed = "claimed"
	// Missed: there was no slot, or none for this user.
	Missed = "missed"
	// Failed: the slot was no good.
	Failed = "failed"
)

// Pool is the slots of one driver.
type Pool struct {
	o    Options
	wake chan struct{}
	end  context.CancelFunc
	done sync.WaitGroup

	mu    sync.Mutex
	slots []slot // the oldest first
	// asked are the moments of late at which somebody wanted a sandbox.
	asked   []time.Time
	release func() error // nil while another process has the slots
	closed  bool
}

type slot struct {
	handle driver.Handle
	made   time.Time
}

const (
	// lookEvery is how often a pool looks at its slots without being asked.
	lookEvery = 15 * time.Second
	// againAfter is how long nothing is tried after something failed.
	againAfter = time.Minute
	// oldAfter is how old a slot gets before another takes its place.
	oldAfter = 12 * time.Hour
	// warmWithin bounds the making of a slot.
	warmWithin = time.Minute
	// endWithin bounds the ending of one.
	endWithin = 20 * time.Second
)

// New makes a pool without slots. It does no I/O.
func New(o Options) *Pool {
	if o.Available == nil {
		o.Available = available
	}
	if o.Rest == 0 {
		o.Rest = 2 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(string, string) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pool{o: o, wake: make(chan struct{}, 1), end: func() {}}
}

// Start takes over the slots of an earlier process and begins to make others. It
// must come before anybody looks for what runs: a slot that was being given away
// when that process ended is ended by now.
func (p *Pool) Start(ctx context.Context) {
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	p.end = end
	again := p.open(ctx)
	p.done.Go(func() {
		for again {
			if !pause(background, againAfter, nil) {
				return
			}
			again = p.open(background)
		}
		p.run(background)
	})
}

// open gets the slots; again says that they may be had later.
func (p *Pool) open(ctx context.Context) (again bool) {
	found, release, err := p.o.Driver.Slots(ctx, p.o.Env)
	switch {
	case errors.Is(err, driver.ErrNoWarmth):
		p.o.Log.InfoContext(ctx, "no workspaces are kept ready", "isolation", p.o.Driver.Name(), "reason", err)
		return false
	case errors.Is(err, driver.ErrSlots):
		return true
	case err != nil:
		p.o.Log.WarnContext(ctx, "workspaces can't be kept ready yet", "isolation", p.o.Driver.Name(), "error", err)
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release = release
	for _, h := range found {
		p.slots = append(p.slots, slot{h, time.Now()})
	}
	return false
}

// Stop ends the slots and what makes them. Claims find none from now on.
func (p *Pool) Stop(ctx context.Context) error {
	p.end()
	p.mu.Lock()
	slots, release := p.slots, p.release
	p.slots, p.release, p.closed = nil, nil, true
	p.mu.Unlock()
	p.done.Wait()
	for _, s := range slots {
		p.destroy(ctx, s.handle)
	}
	if release == nil {
		return nil
	}
	return release()
}

// Warm counts the slots.
func (p *Pool) Warm() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.slots)
}

// Claim makes a slot a workspace's sandbox. Where ok is false there was none, and
// the sandbox is to be made as usual.
func (p *Pool) Claim(ctx context.Context, spec driver.Spec) (h driver.Handle, ok bool) {
	s, found := p.take()
	defer p.hurry()
	if !found {
		p.o.Observe(p.o.Driver.Name(), Missed)
		return driver.Handle{}, false
	}
	h, err := p.o.Driver.Claim(ctx, s.handle, spec)
	switch {
	case err == nil:
		p.o.Observe(p.o.Driver.Name(), Claimed)
		return h, true
	case errors.Is(err, driver.ErrNoWarmth) && p.putBack(s):
		p.o.Observe(p.o.Driver.Name(), Missed)
		p.o.Log.InfoContext(ctx, "a workspace could not take a sandbox that was ready", "workspace_id", spec.WorkspaceID, "reason", err)
	default:
		p.o.Observe(p.o.Driver.Name(), Failed)
		p.o.Log.WarnContext(ctx, "a sandbox that was ready is no good", "workspace_id", spec.WorkspaceID, "error", err)
		p.destroy(ctx, s.handle)
	}
	return driver.Handle{}, false
}

func (p *Pool) take() (slot, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, time.Now())
	if len(p.slots) == 0 {
		return slot{}, false
	}
	s := p.slots[0]
	p.slots = p.slots[1:]
	return s, true
}

func (p *Pool) putBack(s slot) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.slots = append([]slot{s}, p.slots...)
	return true
}

func (p *Pool) hurry() {
	select {
	case p.wake <- struct{}{}:
	default: // it was told already
	}
}

func (p *Pool) destroy(ctx context.Context, h driver.Handle) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := errors.Join(p.o.Driver.Stop(ctx, h), p.o.Driver.Destroy(ctx, h)); err != nil {
		p.o.Log.WarnContext(ctx, "a sandbox that was ready can't be ended", "sandbox", h.ID, "error", err)
	}
}

// pause waits, at most until something wakes it; false says that the pool ends.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}
