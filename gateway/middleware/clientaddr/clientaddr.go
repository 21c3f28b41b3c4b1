// Package clientaddr tells the true address of a client: the peer's, or, behind
// a known number of trusted proxies, the one that the outermost of them saw.
package clientaddr

import (
	"context"
	"net"
	"net/http"
	"strings"
)

type contextKey struct{}

// Middleware takes the address from X-Forwarded-For only as far as hops
// trusted proxies wrote it; 0 means that there is no proxy.
func Middleware(hops int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := context.WithValue(r.Context(), contextKey{}, address(r, hops))
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// From gives the address, without a port.
func From(ctx context.Context) string {
	a, _ := ctx.Value(contextKey{}).(string)
	return a
}

func address(r *http.Request, hops int) string {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		peer = r.RemoteAddr
	}
	if hops == 0 {
		return peer
	}
	var chain []string
	for _, line := range r.Header.Values("X-Forwarded-For") {
		for entry := range strings.SplitSeq(line, ",") {
			chain = append(chain, strings.TrimSpace(entry))
		}
	}
	// The last proxy is the peer; each entry from the right was written by the
	// proxy before it.
	at := len(chain) - hops
	if at < 0 || net.ParseIP(chain[at]) == nil {
		return peer
	}
	return chain[at]
}
