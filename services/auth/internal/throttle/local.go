package throttle

import (
	"sync"
	"time"
)

// maxLocal bounds what is counted here; beyond it windows that are over go, then any.
const maxLocal = 100_000

// local counts within this process.
type local struct {
	limits Limits
	mu     sync.Mutex
	counts map[string]window
}

type window struct {
	attempts int
	ends     time.Time
}

func newLocal(limits Limits) *local { return &local{limits: limits, counts: map[string]window{}} }

// take does what the script of the same name does.
func (l *local) take(pair, all string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := max(l.full(pair, l.limits.PerLogin, now), l.full(all, l.limits.PerAddress, now))
	if wait > 0 {
		return wait
	}
	l.makeRoom(now)
	for _, key := range []string{pair, all} {
		w := l.counts[key]
		if !now.Before(w.ends) {
			w = window{ends: now.Add(l.limits.Window)}
		}
		w.attempts++
		l.counts[key] = w
	}
	return 0
}

func (l *local) full(key string, limit int, now time.Time) time.Duration {
	w := l.counts[key]
	if limit == 0 || w.attempts < limit {
		return 0
	}
	return w.ends.Sub(now)
}

func (l *local) giveBack(pair, all string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.counts, pair)
	if w := l.counts[all]; w.attempts > 0 {
		w.attempts--
		l.counts[all] = w
	}
}

// makeRoom drops windows that are over when there are too many, and then any.
func (l *local) makeRoom(now time.Time) {
	if len(l.counts) < maxLocal {
		return
	}
	for key, w := range l.counts {
		if !now.Before(w.ends) {
			delete(l.counts, key)
		}
	}
	for key := range l.counts {
		if len(l.counts) < maxLocal {
			return
		}
		delete(l.counts, key)
	}
}
