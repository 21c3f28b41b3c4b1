package generate

import (
	"context"
	"math/rand/v2"
	"time"

	"atrium.internal/pkg/apperr"
)

// Retry says how often and how patiently a call is tried.
type Retry struct {
	// Attempts is the most attempts of one call; 1 never tries again.
	Attempts int
	// Base is the wait before the second attempt; each further one doubles it.
	Base time.Duration
	// MaxWait is the longest wait; a provider that asks for a longer one is
	// not tried again, and its wish goes to the caller.
	MaxWait time.Duration
}

// wait gives the pause after a failed attempt, or ok false to give up.
func (r Retry) wait(attempt int, err error) (pause time.Duration, ok bool) {
	if attempt >= r.Attempts || !retryable(err) {
		return 0, false
	}
	if asked := apperr.From(err).RetryAfter; asked > 0 {
		return asked, asked <= r.MaxWait
	}
	pause = min(r.Base<<(attempt-1), r.MaxWait)
	// A quarter of jitter keeps calls that failed together from returning so.
	return pause - rand.N(pause/4+1), true //nolint:gosec // jitter is no secret
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
