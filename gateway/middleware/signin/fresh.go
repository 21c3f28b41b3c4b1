package signin

import (
	"net/http"
	"strings"

	"github.com/felixge/httpsnoop"

	"atrium.internal/gateway/session"
)

// Fresh makes this gateway forget which sessions it has just seen before it
// answers a request that may have ended some: who is told that a device is
// signed out can rely on it with the next request.
func Fresh(sessions *session.Store) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !mayEndSessions(r) {
				next.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(httpsnoop.Wrap(w, httpsnoop.Hooks{
				WriteHeader: func(write httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
					return func(code int) { sessions.Forget(); write(code) }
				},
				Write: func(write httpsnoop.WriteFunc) httpsnoop.WriteFunc {
					return func(b []byte) (int, error) { sessions.Forget(); return write(b) }
				},
			}), r)
		})
	}
}

func mayEndSessions(r *http.Request) bool {
	path := r.URL.Path
	if strings.HasPrefix(path, "/api/auth/oidc/") { // a login there is a GET
		return true
	}
	changes := r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
	return changes && (strings.HasPrefix(path, "/api/auth/") || strings.HasPrefix(path, "/api/admin/") || strings.HasPrefix(path, "/api/users/"))
}
