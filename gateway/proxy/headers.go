package proxy

import (
	"net/http"
	"strings"

	"atrium.internal/gateway/session"
)

// stripCredentials takes out of a request what a workspace must not see: the
// platform's cookies, any Authorization, and the names that only the platform
// itself may say.
func stripCredentials(r *http.Request) {
	cookies := r.Cookies()
	r.Header.Del("Cookie")
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, session.ReservedPrefix) {
			r.AddCookie(c)
		}
	}
	r.Header.Del("Authorization")
	r.Header.Del("X-Api-Key")
	for name := range r.Header {
		plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
		if strings.HasPrefix(plain, "x-atrium-") || strings.HasPrefix(plain, "x-forwarded-") || plain == "forwarded" {
			r.Header.Del(name)
		}
	}
}

// modifyResponse keeps a workspace from setting the platform's cookies, or any
// cookie beyond its own host, and from being framed by anyone but the platform.
func modifyResponse(publicOrigin string) func(*http.Response) error {
	return func(response *http.Response) error {
		cookies := response.Cookies()
		response.Header.Del("Set-Cookie")
		for _, c := range cookies {
			if strings.HasPrefix(c.Name, session.ReservedPrefix) {
				continue
			}
			c.Domain = ""
			response.Header.Add("Set-Cookie", c.String())
		}
		// Policies add up: this one only narrows what the workspace says itself.
		response.Header.Add("Content-Security-Policy", "frame-ancestors 'self' "+publicOrigin)
		response.Header.Del("X-Frame-Options")
		response.Header.Set("Referrer-Policy", "same-origin")
		return nil
	}
}
