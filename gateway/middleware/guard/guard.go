// Package guard turns a handler's panic into a plain 500 and a log line.
package guard

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"atrium.internal/gateway/middleware/accesslog"
	"atrium.internal/gateway/problem"
)

// Middleware guards everything after it.
func Middleware(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				panicked := recover()
				if panicked == nil {
					return
				}
				if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) { // how net/http itself ends a broken answer
					panic(panicked)
				}
				log.ErrorContext(r.Context(), "panic in a request", "path", accesslog.Path(r.URL.Path),
					"panic", panicked, "stack", string(debug.Stack()))
				problem.Write(w, r, fmt.Errorf("panic: %v", panicked))
			}()
			next.ServeHTTP(w, r)
		})
	}
}
