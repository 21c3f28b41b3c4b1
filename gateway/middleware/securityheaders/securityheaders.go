// Package securityheaders sets what browsers enforce on the platform's pages.
package securityheaders

import (
	"net/http"
	"strings"
)

// Middleware lets the platform's pages load from the platform alone and frame
// workspace hosts only; frames is the source pattern of those hosts.
func Middleware(frames string) func(http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'",
		// Positions and sizes that scripts compute are inline styles.
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:",
		"font-src 'self' data:",
		"connect-src 'self'",
		"worker-src 'self' blob:",
		"frame-src " + frames,
		"form-action 'self' " + frames,
		"frame-ancestors 'none'",
		"base-uri 'none'",
		"object-src 'none'",
	}, "; ")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
			next.ServeHTTP(w, r)
		})
	}
}
