// Package csrf refuses requests that another site, or a workspace on a sibling
// host, makes a browser send. Workspaces share a site with the platform, so
// SameSite cookies alone don't stop them.
package csrf

import (
	"mime"
	"net/http"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/middleware/upload"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

var (
	errCrossOrigin = apperr.New(apperr.PermissionDenied, "CROSS_ORIGIN_REFUSED", "The request comes from another origin.")
	errNoOrigin    = apperr.New(apperr.PermissionDenied, "ORIGIN_MISSING",
		"A request with a session cookie must carry Origin or Sec-Fetch-Site.")
	errContentType = apperr.New(apperr.InvalidArgument, "CONTENT_TYPE_UNSUPPORTED",
		"The body must be sent as application/json.").WithField("Content-Type", "must be application/json")
)

// Middleware checks everything that changes state. A request with an API token
// is spared the questions about its origin: no browser adds a token by itself,
// and the cookie beside it counts for nothing.
func Middleware(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if safe(r.Method) {
			next.ServeHTTP(w, r)
			return
		}
		if _, ok := session.Token(r); !ok {
			if err := checkOrigin(protection, r); err != nil {
				problem.Write(w, r, err)
				return
			}
		}
		if r.ContentLength != 0 && !isJSON(r) && !upload.Is(r) {
			problem.Write(w, r, errContentType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func checkOrigin(protection *http.CrossOriginProtection, r *http.Request) error {
	if err := protection.Check(r); err != nil {
		return errCrossOrigin.WithCause(err)
	}
	if session.HasCookie(r) && r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return errNoOrigin
	}
	return nil
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
