package session

import (
	"crypto/sha256"
	"net/http"
	"time"
)

// CookieName is the platform's session cookie: this host only, https or
// localhost only, out of reach of scripts.
const CookieName = "__Host-atrium_session"

// ReservedPrefix starts the name of every cookie that belongs to the platform.
const ReservedPrefix = "__Host-atrium_"

// lifetime is how long a browser keeps the cookie; the session itself may end sooner.
const lifetime = 30 * 24 * time.Hour

// HasCookie reports whether the request carries a session cookie.
func HasCookie(r *http.Request) bool {
	_, err := r.Cookie(CookieName)
	return err == nil
}

// SetCookie gives the browser a new session.
func SetCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, Cookie(CookieName, token, int(lifetime.Seconds())))
}

// ClearCookie makes the browser forget its session.
func ClearCookie(w http.ResponseWriter) {
	http.SetCookie(w, Cookie(CookieName, "", -1))
}

// Cookie makes a cookie as all of the platform's are; maxAge is in seconds,
// negative to delete it.
func Cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// hash is what stands for a token everywhere but in the browser.
func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
