// Package securityheaders sets what browsers enforce on the platform's pages.
package securityheaders

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type contextKey struct{}

// Nonce gives the mark that scripts and styles of this answer must bear.
func Nonce(ctx context.Context) string {
	nonce, _ := ctx.Value(contextKey{}).(string)
	return nonce
}

// Middleware lets the platform's pages run only scripts that the page itself
// brought, load from the platform alone, and frame workspace hosts only; frames
// is the source pattern of those. Where the pages' files come from another
// origin, assets is that one.
func Middleware(frames, assets string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			nonce := rand.Text()
			h := w.Header()
			h.Set("Content-Security-Policy", policy(nonce, frames, assets))
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, nonce)))
		})
	}
}

// StrictTransport makes browsers insist on https for a host, once they have
// seen it there. It leaves out hosts below, which may be somebody else's.
func StrictTransport(age time.Duration) func(http.Handler) http.Handler {
	value := "max-age=" + strconv.Itoa(int(age.Seconds()))
	return func(next http.Handler) http.Handler {
		if age == 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Strict-Transport-Security", value)
			next.ServeHTTP(w, r)
		})
	}
}

func policy(nonce, frames, assets string) string {
	own := "'self'"
	if assets != "" {
		own += " " + assets
	}
	return strings.Join([]string{
		"default-src 'self'",
		// Not even the platform's own files run unless the page names them: what
		// modules import has their nonce.
		"script-src 'nonce-" + nonce + "'",
		"script-src-attr 'none'",
		"style-src " + own + " 'nonce-" + nonce + "'",
		// Drawn diagrams are sanitised SVG whose parts are coloured and measured
		// by style attributes. A rule for the whole page needs the nonce.
		"style-src-attr 'unsafe-inline'",
		"img-src " + own + " data: blob:",
		"font-src " + own + " data:",
		"connect-src " + own,
		"worker-src 'self' blob:",
		"frame-src " + frames,
		"form-action 'self' " + frames,
		"frame-ancestors 'none'",
		"base-uri 'none'",
		"object-src 'none'",
	}, "; ")
}
