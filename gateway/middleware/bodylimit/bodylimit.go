// Package bodylimit bounds request bodies. It reads them whole before anything
// else works on the request, so that a slow or endless body costs no more than
// the limit, and no answer starts while a body is still arriving.
package bodylimit

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/problem"
)

var (
	errTooLarge = apperr.New(apperr.TooLarge, "BODY_TOO_LARGE", "The request's body is too large.")
	errRead     = apperr.New(apperr.InvalidArgument, "BODY_INCOMPLETE", "The request's body did not arrive whole.")
)

// Middleware refuses bodies of more than limit bytes.
func Middleware(limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			if r.ContentLength > limit {
				w.Header().Set("Connection", "close")
				problem.Write(w, r, errTooLarge)
				return
			}
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
			var over *http.MaxBytesError
			switch {
			case errors.As(err, &over):
				problem.Write(w, r, errTooLarge)
			case err != nil:
				problem.Write(w, r, errRead.WithCause(err))
			default:
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				next.ServeHTTP(w, r)
			}
		})
	}
}
