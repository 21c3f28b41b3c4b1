package oidc

import (
	"net/http"
	"time"

	"atrium.internal/gateway/session"
)

// cookieName is the cookie that binds a login to its browser. The session's
// prefix keeps workspaces from reading or setting it.
const cookieName = session.ReservedPrefix + "oidc"

// lifetime is how long a browser may take at the provider; the login itself
// ends as soon.
const lifetime = 10 * time.Minute

// SetBinding binds a login that has begun to the browser.
func SetBinding(w http.ResponseWriter, binding string) {
	http.SetCookie(w, session.Cookie(cookieName, binding, int(lifetime.Seconds())))
}

func clearBinding(w http.ResponseWriter) {
	http.SetCookie(w, session.Cookie(cookieName, "", -1))
}

func bindingOf(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}
