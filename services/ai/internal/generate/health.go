package generate

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

const (
	// A provider rests when such a part of at least so many attempts within the
	// period failed. With one that often works it is worth asking on.
	restRate, restAttempts, restPeriod = 0.8, 10, 30 * time.Second
	// restFor is how long it then is not asked, before one call tries it.
	restFor = 10 * time.Second
)

// health knows whether a provider works, from the attempts made with it by
// this process.
type health struct {
	breaker circuitbreaker.CircuitBreaker[any]
}

func newHealth() *health {
	return &health{circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(restRate, restAttempts, restPeriod).
		WithDelay(restFor).WithSuccessThreshold(1).Build()}
}

// rest is how long the provider is still left alone; 0 when it may be asked.
func (h *health) rest() time.Duration {
	if h.breaker.IsOpen() {
		return h.breaker.RemainingDelay()
	}
	return 0
}

// enter asks to make an attempt; whoever may must tell how it went.
func (h *health) enter() bool { return h.breaker.TryAcquirePermit() }

// leave tells how an attempt went. What a caller gave up on tells nothing, but
// the one call that tries a resting provider has to tell something.
func (h *health) leave(ctx context.Context, accepted bool, err error) {
	switch {
	case err == nil, errors.Is(err, ErrRejected), errors.Is(err, ErrPromptTooLong):
		h.breaker.RecordSuccess()
	case elsewhere(err):
		h.breaker.RecordFailure()
	case accepted:
		h.breaker.RecordSuccess()
	case ctx.Err() != nil && !h.breaker.IsHalfOpen():
	default:
		h.breaker.RecordFailure()
	}
}
