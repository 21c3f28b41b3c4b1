package session

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// doubt makes the auth service be asked for as long as an entry that is in the
// cache now can live there: while Redis was away a revocation may have failed
// to mark it.
func (s *Store) doubt() { s.doubtUntil.Store(time.Now().Add(cacheTTL).UnixNano()) }

func (s *Store) doubtful() bool { return time.Now().UnixNano() < s.doubtUntil.Load() }

// note begins to doubt the cache when a call to it failed, unless it was the
// caller who gave up.
func (s *Store) note(ctx context.Context, err error) {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	s.doubt()
}
