package ratelimit

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/household"
	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/problem"
)

// Class is a group of routes that share a limit.
type Class struct {
	Name string
	// PerMinute is how many requests a caller has, all of which may come at
	// once; 0 is no limit.
	PerMinute int
	// ByAddress counts by address even for signed-in callers.
	ByAddress bool
}

// Classify names the class of a request.
type Classify func(*http.Request) Class

// state is what a caller has left.
type state struct {
	allowed   bool
	remaining int
	// retryAfter is when the next request is allowed, reset when all are.
	retryAfter, reset time.Duration
}

var errLimited = apperr.New(apperr.RateLimited, "RATE_LIMITED", "You are asking too often. Wait a moment and try again.")

// Middleware holds every request to its class. It stands after the session, so
// that it knows who asks.
func Middleware(client *redis.Client, classify Classify, log *slog.Logger) func(http.Handler) http.Handler {
	counts := newCounts(client, log)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			class := classify(r)
			if class.PerMinute == 0 {
				next.ServeHTTP(w, r)
				return
			}
			s := counts.take(r.Context(), "atrium:rate:"+class.Name+":"+caller(r, class), class.PerMinute)
			header := w.Header()
			header.Set("RateLimit-Limit", strconv.Itoa(class.PerMinute))
			header.Set("RateLimit-Remaining", strconv.Itoa(s.remaining))
			header.Set("RateLimit-Reset", strconv.Itoa(int(math.Ceil(s.reset.Seconds()))))
			if !s.allowed {
				problem.Write(w, r, errLimited.WithRetryAfter(max(s.retryAfter, time.Second)))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func caller(r *http.Request, class Class) string {
	p, _ := principal.From(r.Context())
	if p.Kind == principal.User && !class.ByAddress {
		return "user:" + p.UserID.String()
	}
	return "address:" + household.Of(clientaddr.From(r.Context()))
}
