// Package accesslog writes one line per request when it has ended.
package accesslog

import (
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/requestid"
)

// Middleware logs the path but never the query, which may hold what a user typed.
func Middleware(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			metrics := httpsnoop.CaptureMetrics(next, w, r)
			level := slog.LevelDebug
			if metrics.Code >= http.StatusInternalServerError {
				level = slog.LevelWarn
			}
			log.Log(r.Context(), level, "request",
				"method", r.Method, "host", r.Host, "path", Path(r.URL.Path), "status", metrics.Code,
				"bytes", metrics.Written, "duration", time.Since(start),
				"address", clientaddr.From(r.Context()), "request_id", requestid.From(r.Context()))
		})
	}
}

// secrets are the paths whose last part opens something to whoever has it.
var secrets = []string{"/share/", "/api/chat/shared/"}

// Path is a path as logs may have it.
func Path(asked string) string {
	clean := path.Clean("/" + asked)
	for _, prefix := range secrets {
		if strings.HasPrefix(clean, prefix) {
			return prefix + "…"
		}
	}
	return asked
}
