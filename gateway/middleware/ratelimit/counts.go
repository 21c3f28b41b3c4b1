package ratelimit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

const (
	// redisPatience is how long Redis may take before this gateway counts alone.
	redisPatience = 250 * time.Millisecond
	// redisPause is how long it then does so before it asks Redis again, so
	// that an outage costs one request the wait and not every one.
	redisPause = 2 * time.Second
	// maxLocal bounds the callers that are counted without Redis.
	maxLocal = 100_000
)

// counts counts requests: in Redis, or here while Redis is away.
type counts struct {
	shared *redis_rate.Limiter
	leases *otter.Cache[string, *lease]
	local  *otter.Cache[string, *rate.Limiter]
	log    *slog.Logger
	// awayUntil is a Unix time in nanoseconds.
	awayUntil atomic.Int64
}

func newCounts(client *redis.Client, log *slog.Logger) *counts {
	return &counts{
		shared: redis_rate.NewLimiter(client), log: log,
		leases: otter.Must(&otter.Options[string, *lease]{
			MaximumSize:      maxLocal,
			ExpiryCalculator: otter.ExpiryAccessing[string, *lease](2 * leaseFor),
		}),
		local: otter.Must(&otter.Options[string, *rate.Limiter]{
			MaximumSize:      maxLocal,
			ExpiryCalculator: otter.ExpiryAccessing[string, *rate.Limiter](2 * time.Minute),
		}),
	}
}

// take counts one request of a caller who has perMinute of them.
func (c *counts) take(ctx context.Context, key string, perMinute int) state {
	now := time.Now()
	if now.UnixNano() < c.awayUntil.Load() {
		return c.takeHere(key, perMinute, now)
	}
	l, found := c.leases.GetIfPresent(key)
	if !found {
		l, _ = c.leases.SetIfAbsent(key, &lease{})
	}
	s, err := l.take(now, perMinute, func(n int) (int, state, error) { return c.askRedis(ctx, key, perMinute, n) })
	if err != nil {
		c.awayUntil.Store(now.Add(redisPause).UnixNano())
		c.log.WarnContext(ctx, "rate limits are counted by this gateway alone", "error", err)
		return c.takeHere(key, perMinute, now)
	}
	return s
}

// askRedis takes up to n requests.
func (c *counts) askRedis(ctx context.Context, key string, perMinute, n int) (int, state, error) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	result, err := c.shared.AllowAtMost(ctx, key, redis_rate.PerMinute(perMinute), n)
	if err != nil {
		return 0, state{}, err
	}
	return result.Allowed, state{
		allowed: result.Allowed > 0, remaining: result.Remaining, retryAfter: result.RetryAfter, reset: result.ResetAfter,
	}, nil
}

func (c *counts) takeHere(key string, perMinute int, now time.Time) state {
	limiter, _ := c.local.SetIfAbsent(key, rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute))
	s := state{allowed: limiter.AllowN(now, 1)}
	left := limiter.TokensAt(now)
	s.remaining = max(0, int(left))
	s.reset = refill(float64(perMinute)-left, perMinute)
	if !s.allowed {
		s.retryAfter = refill(1-left, perMinute)
	}
	return s
}

// refill is how long it takes until so many requests are there again.
func refill(requests float64, perMinute int) time.Duration {
	return time.Duration(requests / float64(perMinute) * float64(time.Minute))
}
