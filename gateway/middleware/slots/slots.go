package slots

import "sync"

// Slots counts what is under way, by key.
type Slots struct {
	mu   sync.Mutex
	used map[string]int
}

// New returns slots of which none is taken.
func New() *Slots { return &Slots{used: map[string]int{}} }

// take takes one of the key's slots, of which there are limit; 0 is no limit.
func (s *Slots) take(key string, limit int) (release func(), ok bool) {
	if limit == 0 {
		return func() {}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[key] >= limit {
		return nil, false
	}
	s.used[key]++
	return sync.OnceFunc(func() { s.free(key) }), true
}

func (s *Slots) free(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[key]--; s.used[key] == 0 {
		delete(s.used, key)
	}
}
