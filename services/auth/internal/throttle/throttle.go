package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/household"
	"atrium.internal/services/auth/internal/account"
)

const (
	// patience is how long Redis may take before this process counts alone.
	patience = 250 * time.Millisecond
	// pause is how long it then does so before it asks Redis again.
	pause = 2 * time.Second
)

// Limits are how many attempts may fail within a window; 0 is no limit.
type Limits struct {
	// PerLogin is for one login from one address, PerAddress for all of them.
	PerLogin, PerAddress int
	Window               time.Duration
}

// Throttle implements account.Throttle.
type Throttle struct {
	log    *slog.Logger
	redis  *redis.Client
	prefix string
	limits Limits
	here   *local
	// awayUntil is a Unix time in nanoseconds.
	awayUntil atomic.Int64
}

// New makes a throttle for one purpose, such as "sign-in"; those of other
// purposes count apart. Redis may be away at any time.
func New(log *slog.Logger, client *redis.Client, purpose string, limits Limits) *Throttle {
	return &Throttle{log: log, redis: client, prefix: "atrium:" + purpose + ":", limits: limits, here: newLocal(limits)}
}

// take counts an attempt under both keys unless one of them is full, and
// answers how long that one stays so, in milliseconds.
var take = redis.NewScript(`
local limits = {tonumber(ARGV[1]), tonumber(ARGV[2])}
for i, key in ipairs(KEYS) do
  if limits[i] > 0 and tonumber(redis.call('GET', key) or '0') >= limits[i] then
    return math.max(redis.call('PTTL', key), 1)
  end
end
for _, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[3]) end
end
return 0`)

// giveBack undoes what take counted for an attempt that was none at guessing.
var giveBack = redis.NewScript(`
redis.call('DEL', KEYS[1])
if tonumber(redis.call('GET', KEYS[2]) or '0') > 0 then redis.call('DECR', KEYS[2]) end
return 0`)

// Take counts an attempt before its password is looked at, so that many at
// once are no way around, or answers account.ErrThrottled.
func (t *Throttle) Take(ctx context.Context, login, address string) error {
	pair, all := t.keys(login, address)
	wait, ok := t.shared(ctx, func(ctx context.Context) (time.Duration, error) {
		ms, err := take.Run(ctx, t.redis, []string{pair, all},
			t.limits.PerLogin, t.limits.PerAddress, t.limits.Window.Milliseconds()).Int64()
		return time.Duration(ms) * time.Millisecond, err
	})
	if !ok {
		wait = t.here.take(pair, all, time.Now())
	}
	if wait > 0 {
		return account.ErrThrottled.WithRetryAfter(wait)
	}
	return nil
}

// Succeeded forgets the failures of a login from an address, and that this
// attempt was counted.
func (t *Throttle) Succeeded(ctx context.Context, login, address string) {
	pair, all := t.keys(login, address)
	t.here.giveBack(pair, all)
	t.shared(ctx, func(ctx context.Context) (time.Duration, error) {
		return 0, giveBack.Run(ctx, t.redis, []string{pair, all}).Err()
	})
}

// shared asks Redis; ok is false when it can't be asked now.
func (t *Throttle) shared(ctx context.Context, ask func(context.Context) (time.Duration, error)) (wait time.Duration, ok bool) {
	now := time.Now()
	if now.UnixNano() < t.awayUntil.Load() {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	wait, err := ask(ctx)
	if err != nil {
		t.awayUntil.Store(now.Add(pause).UnixNano())
		t.log.WarnContext(ctx, "attempts are counted by this process alone", "throttle", t.prefix, "error", err)
		return 0, false
	}
	return wait, true
}

// keys name the counts; the braces keep both on one node of a Redis cluster.
// A login is text from outside, hence the hash.
func (t *Throttle) keys(login, address string) (pair, all string) {
	sum := sha256.Sum256([]byte(login))
	all = t.prefix + "{" + household.Of(address) + "}"
	return all + ":" + hex.EncodeToString(sum[:16]), all
}
