// Package requestid gives every request an id, which its answer, its log lines
// and its service calls carry.
package requestid

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

type contextKey struct{}

// Middleware makes the id. One from outside is not taken over, since it would
// let a client write what it likes into the logs.
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := uuid.NewV7()
		if err != nil {
			id = uuid.New()
		}
		w.Header().Set("X-Request-Id", id.String())
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, id.String())))
	})
}

// From gives the id of the request whose context it is.
func From(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}
