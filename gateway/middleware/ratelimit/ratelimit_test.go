package ratelimit_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/ratelimit"
)

const limit = 5

func shared(t *testing.T) *redis.Client {
	t.Helper()
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func away(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// gateway is one of several that share a Redis.
func gateway(client *redis.Client, byAddress bool) http.Handler {
	return gatewayOf(client, limit, byAddress)
}

func gatewayOf(client *redis.Client, perMinute int, byAddress bool) http.Handler {
	classify := func(*http.Request) ratelimit.Class {
		return ratelimit.Class{Name: "test", PerMinute: perMinute, ByAddress: byAddress}
	}
	return clientaddr.Middleware(0)(ratelimit.Middleware(client, classify, slog.New(slog.DiscardHandler))(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
}

// ask makes a request of a user, or of nobody for uuid.Nil.
func ask(h http.Handler, user uuid.UUID, address string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = address
	r.Header.Set("X-Forwarded-For", uuid.NewString())
	p := principal.Principal{Kind: principal.Anonymous}
	if user != uuid.Nil {
		p = principal.Principal{Kind: principal.User, UserID: user}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(principal.With(r.Context(), p)))
	return w
}

const (
	here  = "192.0.2.1:1000"
	there = "192.0.2.2:1000"
)

func TestALimitHoldsAcrossGatewaysAndAddresses(t *testing.T) {
	client := shared(t)
	one, two := gateway(client, false), gateway(client, false)
	ada, eve := uuid.New(), uuid.New()
	for i := range limit {
		w := ask([]http.Handler{one, two}[i%2], ada, here)
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "5", w.Header().Get("RateLimit-Limit"))
	}
	refused := ask(two, ada, there)
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.Contains(t, refused.Body.String(), "RATE_LIMITED")
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	require.Equal(t, "0", refused.Header().Get("RateLimit-Remaining"))
	require.Equal(t, http.StatusOK, ask(two, eve, here).Code, "others are not held up")
}

// A burst takes several requests from Redis at once; together the gateways
// still allow no more than the limit, and say how many are left.
func TestABurstOverSeveralGatewaysIsHeldToTheLimit(t *testing.T) {
	const perMinute = 600
	client := shared(t)
	gateways := []http.Handler{gatewayOf(client, perMinute, false), gatewayOf(client, perMinute, false)}
	ada := uuid.New()
	began := time.Now()
	allowed, last := 0, perMinute
	for i := range 2 * perMinute {
		w := ask(gateways[i%2], ada, here)
		left, err := strconv.Atoi(w.Header().Get("RateLimit-Remaining"))
		require.NoError(t, err)
		if w.Code == http.StatusOK {
			allowed++
			last = min(last, left)
		}
	}
	refilled := int(time.Since(began).Seconds()*perMinute/60) + 1
	require.LessOrEqual(t, allowed, perMinute+refilled)
	require.GreaterOrEqual(t, allowed, perMinute*98/100, "little is lost to what is taken in advance")
	require.LessOrEqual(t, last, perMinute/50)
	require.Equal(t, http.StatusOK, ask(gateways[0], uuid.New(), here).Code)
}

func TestWithoutRedisEachGatewayStillLimits(t *testing.T) {
	h := gateway(away(t), false)
	ada := uuid.New()
	for range limit {
		require.Equal(t, http.StatusOK, ask(h, ada, here).Code)
	}
	refused := ask(h, ada, here)
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, ask(h, uuid.New(), here).Code)
}

func TestAnAddressCannotBeChangedByAHeader(t *testing.T) {
	for name, client := range map[string]*redis.Client{"redis": shared(t), "alone": away(t)} {
		t.Run(name, func(t *testing.T) {
			h := gateway(client, true)
			for range limit {
				require.Equal(t, http.StatusOK, ask(h, uuid.Nil, here).Code)
			}
			require.Equal(t, http.StatusTooManyRequests, ask(h, uuid.New(), here).Code, "also with an account")
			require.Equal(t, http.StatusOK, ask(h, uuid.Nil, there).Code)
		})
	}
}

func TestAnIPv6CustomerIsOneCaller(t *testing.T) {
	h := gateway(shared(t), true)
	for i := range limit {
		require.Equal(t, http.StatusOK, ask(h, uuid.Nil, "[2001:db8::"+string(rune('1'+i))+"]:1").Code)
	}
	require.Equal(t, http.StatusTooManyRequests, ask(h, uuid.Nil, "[2001:db8::ffff]:1").Code)
	require.Equal(t, http.StatusOK, ask(h, uuid.Nil, "[2001:db8:1::1]:1").Code)
}
