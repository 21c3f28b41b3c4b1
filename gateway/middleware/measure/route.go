package measure

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// unrouted is the route of a request that no handler has named.
const unrouted = "none"

type routeKey struct{}

// route is what a request's handlers say of it.
type route struct {
	mu   sync.Mutex
	name string
	// inside are the requests as the muxes that it is in have them, the outermost
	// first: a mux writes down the pattern before it calls the handler.
	inside []*http.Request
}

func of(ctx context.Context) *route {
	kept, _ := ctx.Value(routeKey{}).(*route)
	return kept
}

// call keeps the first name that is given, which is the innermost handler's.
func (r *route) call(name string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.name == "" {
		r.name = name
	}
}

func (r *route) enter(in *http.Request) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inside = append(r.inside, in)
}

// now is the name as far as it is known while the request is being served.
func (r *route) now() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.name != "" {
		return r.name
	}
	for _, in := range slices.Backward(r.inside) {
		if in.Pattern != "" {
			return withoutMethod(in.Pattern)
		}
	}
	return unrouted
}

// As names every request of a handler alike.
func As(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of(r.Context()).call(name)
		next.ServeHTTP(w, r)
	})
}

// Mux names requests by the patterns of a mux.
func Mux(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := of(r.Context())
		kept.enter(r)
		defer func() { kept.call(withoutMethod(r.Pattern)) }()
		mux.ServeHTTP(w, r)
	})
}

// Contract names requests by the paths of the contracts.
func Contract(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
			of(r.Context()).call(strings.ReplaceAll(pattern.String(), "=*}", "}")) // as the contract writes it
		}
		next(w, r, params)
	}
}

// withoutMethod is the path of a mux's pattern: the method is a label of its own.
func withoutMethod(pattern string) string {
	return pattern[max(0, strings.IndexByte(pattern, '/')):]
}
