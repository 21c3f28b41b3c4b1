package generate

import (
	"context"
	"errors"
	"time"
)

// Limits bound the silences of a provider.
type Limits struct {
	// FirstToken is the longest wait for an answer's first text.
	FirstToken time.Duration
	// Idle is the longest wait between two pieces of text.
	Idle time.Duration
}

// or fills in what is not set.
func (l Limits) or(general Limits) Limits {
	if l.FirstToken == 0 {
		l.FirstToken = general.FirstToken
	}
	if l.Idle == 0 {
		l.Idle = general.Idle
	}
	return l
}

// errSilent is the cause of a context that the watchdog ended.
var errSilent = errors.New("provider is silent")

// watchdog ends an attempt whose provider falls silent. Time in which the
// caller is slow to take text does not count.
type watchdog struct {
	timer *time.Timer
	idle  time.Duration
	stop  context.CancelCauseFunc
}

// watch gives the attempt's context and its watchdog, to be released.
func watch(ctx context.Context, limits Limits) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watchdog{
		timer: time.AfterFunc(limits.FirstToken, func() { cancel(errSilent) }),
		idle:  limits.Idle,
		stop:  cancel,
	}
}

// wrap makes emit feed the watchdog.
func (w *watchdog) wrap(emit Emit) Emit {
	return func(piece Piece) error {
		w.timer.Stop()
		err := emit(piece)
		w.timer.Reset(w.idle)
		return err
	}
}

func (w *watchdog) release() {
	w.timer.Stop()
	w.stop(nil)
}
