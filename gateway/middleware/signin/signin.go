// Package signin puts the caller of a request in its context: the holder of
// the API token or the session cookie, or an anonymous one. It refuses only
// tokens that are no good; everything else the contract of each RPC does.
package signin

import (
	"net/http"

	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/requestid"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

// Middleware resolves the API token or the session cookie.
func Middleware(sessions *session.Store) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			client := Client(r)
			unknown := principal.With(r.Context(), principal.Principal{Kind: principal.Anonymous, Client: client})
			caller, err := sessions.Resolve(unknown, r)
			if err != nil {
				problem.Write(w, r, err)
				return
			}
			caller.Client = client
			next.ServeHTTP(w, r.WithContext(principal.With(r.Context(), caller)))
		})
	}
}

// Client gives where a request came from, for the audit log.
func Client(r *http.Request) principal.Client {
	return principal.Client{
		Address:   clientaddr.From(r.Context()),
		UserAgent: truncate(r.UserAgent(), 512),
		RequestID: requestid.From(r.Context()),
	}
}

func truncate(text string, most int) string {
	if len(text) > most {
		return text[:most]
	}
	return text
}
