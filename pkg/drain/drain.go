package drain

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"atrium.internal/pkg/apperr"
)

// ErrRestarting is the cause with which streams end when their process stops.
var ErrRestarting = apperr.New(apperr.Unavailable, "SERVICE_RESTARTING", "The service is restarting. Connect again.")

// Settings are what an operator may set about stopping.
type Settings struct {
	Grace  time.Duration `name:"stop-grace" env:"ATRIUM_STOP_GRACE" default:"30s" help:"How long requests and calls under way may go on when the process is told to stop; what is left then is cut off. Whoever supervises it should wait some seconds longer before killing it."`
	Spread time.Duration `name:"stop-spread" env:"ATRIUM_STOP_SPREAD" default:"2s" help:"Over how long a process that stops sends away its open streams and WebSockets, whose clients then go on elsewhere; at most ATRIUM_STOP_GRACE."`
}

// Drain knows what is open. The zero value sends everything away at once.
type Drain struct {
	// Spread is over how long what is open is sent away.
	Spread time.Duration
	// Grace is how long what ends by itself may take; 0 leaves it to others.
	Grace time.Duration

	mu       sync.Mutex
	stopping bool
	leaving  bool
	open     map[*held]struct{}
	idle     chan struct{} // somebody waits until nothing is open
}

// held is one thing that is open.
type held struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// New returns a Drain as the settings want it.
func New(s Settings) *Drain { return &Drain{Spread: min(s.Spread, s.Grace), Grace: s.Grace} }

// Announce says that the process is about to stop; nothing is sent away yet.
func (d *Drain) Announce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopping = true
}

// Stopping says whether the process is about to stop.
func (d *Drain) Stopping() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopping
}

// Leave begins to send away what is open, and what still comes. It may be
// called twice.
func (d *Drain) Leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.leaving {
		return
	}
	d.stopping, d.leaving = true, true
	for h := range d.open {
		d.schedule(h)
	}
}

// Hold gives a context that ends with ErrRestarting as its cause once the
// process leaves. The caller must call release when its stream is over. A nil
// Drain sends nothing away.
func (d *Drain) Hold(ctx context.Context) (bound context.Context, release func()) {
	if d == nil {
		return ctx, func() {}
	}
	h := &held{}
	bound, h.cancel = context.WithCancelCause(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[*held]struct{}{}
	}
	d.open[h] = struct{}{}
	if d.leaving {
		d.schedule(h)
	}
	return bound, func() { d.release(h) }
}

func (d *Drain) schedule(h *held) {
	var after time.Duration
	if d.Spread > 0 {
		after = rand.N(d.Spread) //nolint:gosec // nobody gains by guessing it
	}
	h.timer = time.AfterFunc(after, func() { h.cancel(ErrRestarting) })
}

func (d *Drain) release(h *held) {
	h.cancel(nil)
	d.mu.Lock()
	defer d.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
	}
	delete(d.open, h)
	if len(d.open) == 0 && d.idle != nil {
		close(d.idle)
		d.idle = nil
	}
}

// Wait blocks until nothing is open any more, or ctx is over; it then says how
// much still is.
func (d *Drain) Wait(ctx context.Context) (left int) {
	for {
		d.mu.Lock()
		left = len(d.open)
		if left == 0 {
			d.mu.Unlock()
			return 0
		}
		if d.idle == nil {
			d.idle = make(chan struct{})
		}
		idle := d.idle
		d.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return left
		}
	}
}
