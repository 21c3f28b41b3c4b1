package measure

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// unrouted is the route of a request that no handler has named.
const unrouted = "none"

type routeKey struct{}

// name keeps the first name that a request's route is given, which is the
// innermost handler's.
func name(ctx context.Context, route string) {
	if kept, ok := ctx.Value(routeKey{}).(*string); ok && *kept == "" {
		*kept = route
	}
}

// As names every request of a handler alike.
func As(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name(r.Context(), route)
		next.ServeHTTP(w, r)
	})
}

// Mux names requests by the patterns of a mux.
func Mux(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		defer func() { name(ctx, withoutMethod(r.Pattern)) }()
		mux.ServeHTTP(w, r)
	})
}

// Contract names requests by the paths of the contracts.
func Contract(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
			name(r.Context(), strings.ReplaceAll(pattern.String(), "=*}", "}")) // as the contract writes it
		}
		next(w, r, params)
	}
}

// withoutMethod is the path of a mux's pattern: the method is a label of its own.
func withoutMethod(pattern string) string {
	return pattern[max(0, strings.IndexByte(pattern, '/')):]
}
