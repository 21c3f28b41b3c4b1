package throttle

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
)

func TestMain(m *testing.M) { leak.Main(m) }

// forEachCount runs a test with counts in Redis and with counts kept here.
func forEachCount(t *testing.T, limits Limits, test func(*testing.T, *Throttle)) {
	log := slog.New(slog.DiscardHandler)
	t.Run("in Redis", func(t *testing.T) {
		client, err := redisdb.Open(redistest.New(t))
		require.NoError(t, err)
		defer client.Close()
		test(t, New(log, client, "sign-in", limits))
	})
	t.Run("without Redis", func(t *testing.T) {
		away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
		defer away.Close()
		test(t, New(log, away, "sign-in", limits))
	})
}

func TestOnlyTheGuessersAddressWaits(t *testing.T) {
	forEachCount(t, Limits{PerLogin: 2, PerAddress: 5, Window: time.Minute}, func(t *testing.T, throttle *Throttle) {
		take := func(login, address string) error { return throttle.Take(t.Context(), login, address) }
		for range 2 {
			require.NoError(t, take("ada", "192.0.2.1"))
		}
		var refusal *apperr.Error
		require.ErrorAs(t, take("ada", "192.0.2.1"), &refusal)
		require.Equal(t, "SIGN_IN_THROTTLED", refusal.Reason)
		require.InDelta(t, time.Minute, refusal.RetryAfter, float64(5*time.Second))
		require.NoError(t, take("ada", "192.0.2.2"), "from elsewhere")
		for _, login := range []string{"b", "c", "d"} {
			require.NoError(t, take(login, "192.0.2.1"), "a refused attempt counts for nothing")
		}
		require.Error(t, take("e", "192.0.2.1"), "the address has had its share")

		require.NoError(t, take("ada", "2001:db8::1"))
		require.NoError(t, take("ada", "2001:db8::2"))
		require.Error(t, take("ada", "2001:db8::3"), "one customer, many addresses")
	})
}

func TestSuccessForgets(t *testing.T) {
	forEachCount(t, Limits{PerLogin: 2, PerAddress: 3, Window: time.Minute}, func(t *testing.T, throttle *Throttle) {
		for range 10 {
			require.NoError(t, throttle.Take(t.Context(), "ada", "192.0.2.1"))
			throttle.Succeeded(t.Context(), "ada", "192.0.2.1")
		}
	})
}

func TestAWindowEnds(t *testing.T) {
	forEachCount(t, Limits{PerLogin: 1, PerAddress: 1, Window: 50 * time.Millisecond}, func(t *testing.T, throttle *Throttle) {
		require.NoError(t, throttle.Take(t.Context(), "ada", "192.0.2.1"))
		require.Error(t, throttle.Take(t.Context(), "ada", "192.0.2.1"))
		require.Eventually(t, func() bool { return throttle.Take(t.Context(), "ada", "192.0.2.1") == nil },
			5*time.Second, 10*time.Millisecond)
	})
}

func TestManyAtOnceAreNoWayAround(t *testing.T) {
	forEachCount(t, Limits{PerLogin: 5, Window: time.Minute}, func(t *testing.T, throttle *Throttle) {
		var allowed atomic.Int32
		var done sync.WaitGroup
		for range 50 {
			done.Go(func() {
				if throttle.Take(t.Context(), "ada", "192.0.2.1") == nil {
					allowed.Add(1)
				}
			})
		}
		done.Wait()
		require.Equal(t, int32(5), allowed.Load())
	})
}

func TestTheCountsKeptHereAreBounded(t *testing.T) {
	here := newLocal(Limits{PerLogin: 5, Window: time.Minute})
	now := time.Now()
	for i := range maxLocal {
		here.counts[time.Duration(i).String()] = window{attempts: 1, ends: now.Add(time.Minute)}
	}
	here.take("pair", "all", now)
	require.LessOrEqual(t, len(here.counts), maxLocal+1)
	require.Contains(t, here.counts, "pair")
}
