package gateway

import (
	"context"
	"net/http"
)

// endless is for requests that go on for as long as their client stays, such as
// live events. They end as soon as the gateway begins to stop, and their clients
// come back to whoever is there then; a stop would otherwise wait for them until
// its patience ends.
func (g *Gateway) endless(h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(g.leaving, cancel)()
		h.ServeHTTP(w, r.WithContext(ctx))
	}
}
