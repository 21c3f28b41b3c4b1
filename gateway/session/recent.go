package session

import (
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

const (
	// recentFor is how long this gateway takes what it has just read from Redis
	// as read. A revocation is told to all gateways at once; one that misses
	// the message serves the session for so much longer.
	recentFor = 500 * time.Millisecond
	// maxRecent bounds what is remembered.
	maxRecent = 50_000
)

// recent remembers what Redis said a moment ago, so that a page which asks for
// twenty things looks its session up once.
type recent struct {
	holders *otter.Cache[string, seen]
	// epoch counts how often all of it was forgotten: what was read before then
	// must not be remembered after.
	epoch atomic.Uint64
}

type seen struct {
	holder *authv1.Holder
	until  time.Time
}

func newRecent() *recent {
	return &recent{holders: otter.Must(&otter.Options[string, seen]{MaximumSize: maxRecent})}
}

func (r *recent) get(key string) (*authv1.Holder, bool) {
	s, ok := r.holders.GetIfPresent(key)
	if !ok || time.Now().After(s.until) || left(s.holder) <= 0 {
		return nil, false
	}
	return s.holder, true
}

// put remembers what was read since the given epoch.
func (r *recent) put(key string, holder *authv1.Holder, epoch uint64) {
	r.holders.Set(key, seen{holder: holder, until: time.Now().Add(recentFor)})
	if r.epoch.Load() != epoch {
		r.holders.Invalidate(key)
	}
}

func (r *recent) forget() {
	r.epoch.Add(1)
	r.holders.InvalidateAll()
}
