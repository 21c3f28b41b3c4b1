package generate

import (
	"context"
	"errors"
	"slices"
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

// State is how a provider does, in the eyes of this process.
type State string

// The states.
const (
	// Idle was not asked lately.
	Idle State = "idle"
	Fine State = "ok"
	// Failing answers, but not always.
	Failing State = "failing"
	// Resting kept failing and is not asked for a moment.
	Resting State = "resting"
)

// ProviderState is a provider with how its attempts of the last half minute
// went, and what it answers for.
type ProviderState struct {
	Name               string
	State              State
	Attempts, Failures int
	Models             []string
}

// Providers tells how each does, in the order in which models name them.
func (c *Catalog) Providers() []ProviderState {
	var all []ProviderState
	place := map[string]int{}
	for _, m := range c.models {
		for _, r := range m.Routes {
			at, known := place[r.Provider]
			if !known {
				at = len(all)
				place[r.Provider] = at
				all = append(all, r.health.tell(r.Provider))
			}
			if !slices.Contains(all[at].Models, m.ID) {
				all[at].Models = append(all[at].Models, m.ID)
			}
		}
	}
	return all
}

func (h *health) tell(name string) ProviderState {
	seen := h.breaker.Metrics()
	p := ProviderState{Name: name, State: Fine, Attempts: int(seen.Executions()), Failures: int(seen.Failures())}
	switch {
	case !h.breaker.IsClosed():
		p.State = Resting
	case p.Failures > 0:
		p.State = Failing
	case p.Attempts == 0:
		p.State = Idle
	}
	return p
}
