package gateway

import "net/http"

// endless is for requests that go on for as long as their client stays, such as
// live events. They are sent away when the gateway stops, and their clients go on
// at another one; a stop would otherwise wait for them until its patience ends.
func (g *Gateway) endless(h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, release := g.deps.Drain.Hold(r.Context())
		defer release()
		h.ServeHTTP(w, r.WithContext(ctx))
	}
}
