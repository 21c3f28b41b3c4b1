package ratelimit

import (
	"sync"
	"time"
)

const (
	// leaseFor is how long requests that were taken in advance can be used.
	leaseFor = time.Second
	// leaseShare bounds them, as a part of a caller's minute.
	leaseShare = 100
)

// lease is what this gateway has taken of a caller's requests in advance, so
// that a burst does not ask Redis each time. Requests are only ever taken
// before they are used: gateways together never allow more than the limit, and
// what a burst leaves unused is lost to the caller, at most a hundredth.
type lease struct {
	mu    sync.Mutex
	left  int
	until time.Time
	// size is how many were taken last.
	size int
	// shared is what Redis said then.
	shared state
}

// take uses one request, asking for more when none is left. A caller who used
// all of them in time is in a burst, and gets twice as many.
func (l *lease) take(now time.Time, perMinute int, more func(n int) (granted int, shared state, err error)) (state, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.until) {
		if l.left > 0 {
			return l.use(now), nil
		}
		l.size = min(2*l.size, max(1, perMinute/leaseShare))
	} else {
		l.size = 1
	}
	granted, shared, err := more(l.size)
	if err != nil {
		return state{}, err
	}
	l.left, l.shared, l.until = granted, shared, now.Add(leaseFor)
	if granted == 0 {
		return shared, nil
	}
	return l.use(now), nil
}

func (l *lease) use(now time.Time) state {
	l.left--
	s := l.shared
	s.allowed, s.retryAfter = true, 0
	s.remaining += l.left
	s.reset = max(0, s.reset-now.Sub(l.until.Add(-leaseFor)))
	return s
}
