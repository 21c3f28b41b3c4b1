package signin

import (
	"net/http"
	"strings"

	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/session"
)

// Bound ends what stays open when the session or API token of its caller ends.
// Answers of a model count too: they take long, and cost.
func Bound(streams *session.Streams) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			caller, _ := principal.From(r.Context())
			if caller.Kind != principal.User || !slots.Streams(r) && !strings.HasPrefix(r.URL.Path, "/api/ai/") {
				next.ServeHTTP(w, r)
				return
			}
			ctx, release := streams.BindTo(r.Context(), session.Of(r, caller))
			defer release()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
