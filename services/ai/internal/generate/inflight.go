package generate

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// running is a call that is being answered.
type running struct {
	reservation atomic.Pointer[ledger.Reservation]
	meter       tariff.Meter
	output      atomic.Int64 // the meter's figure, for other goroutines
	asked       bool         // the provider may be working on it
	before      string       // whom the last attempt was made with
	announced   bool         // the caller knows who answers
	entered     bool         // the reservation is settled
	// prompt is as the provider counted it when it began; nil if it did not.
	prompt atomic.Pointer[tariff.Tokens]
}

// add counts text that went out.
func (r *running) add(text string) {
	r.meter.Add(text)
	r.output.Store(r.meter.Tokens())
}

// inflight knows the calls that are being answered, refuses new ones once it
// is closed, and can end them all.
type inflight struct {
	mu     sync.Mutex
	closed bool
	calls  map[*running]context.CancelCauseFunc
	idle   chan struct{} // closed when closed and empty
}

func newInflight() *inflight {
	return &inflight{calls: map[*running]context.CancelCauseFunc{}, idle: make(chan struct{})}
}

// enter adds a call; leave takes it out again.
func (f *inflight) enter(ctx context.Context) (_ context.Context, call *running, leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, nil, ErrShuttingDown
	}
	ctx, cancel := context.WithCancelCause(ctx)
	call = &running{}
	f.calls[call] = cancel
	return ctx, call, func() {
		cancel(nil)
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.calls, call)
		f.settleIdle()
	}, nil
}

// settleIdle tells the waiters; the lock is held.
func (f *inflight) settleIdle() {
	if f.closed && len(f.calls) == 0 {
		select {
		case <-f.idle:
		default:
			close(f.idle)
		}
	}
}

// close refuses further calls and gives the channel that tells when the last
// one is gone.
func (f *inflight) close() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.settleIdle()
	return f.idle
}

// abort ends every call with the given cause.
func (f *inflight) abort(cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, cancel := range f.calls {
		cancel(cause)
	}
}

// progress lists how far every call has come.
func (f *inflight) progress() []ledger.Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	alive := make([]ledger.Progress, 0, len(f.calls))
	for call := range f.calls {
		if r := call.reservation.Load(); r != nil && r.ID != uuid.Nil {
			progress := ledger.Progress{ID: r.ID, Output: call.output.Load()}
			if prompt := call.prompt.Load(); prompt != nil {
				progress.Prompt = *prompt
			}
			alive = append(alive, progress)
		}
	}
	return alive
}
