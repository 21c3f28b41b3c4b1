package gateway

import (
	"net/http"
	"strings"

	"atrium.internal/gateway/middleware/ratelimit"
)

// RateLimits are how many requests a minute one caller has; 0 is no limit.
type RateLimits struct {
	API    int `name:"rate-limit-api" env:"ATRIUM_RATE_LIMIT_API" default:"1200" help:"Requests a minute for each user, or each address without one; 0 is no limit."`
	AI     int `name:"rate-limit-ai" env:"ATRIUM_RATE_LIMIT_AI" default:"240" help:"Of these, requests a minute that ask a model."`
	SignIn int `name:"rate-limit-sign-in" env:"ATRIUM_RATE_LIMIT_SIGN_IN" default:"120" help:"Attempts a minute to sign in or register, for each address; 0 is no limit."`
	Shared int `name:"rate-limit-shared" env:"ATRIUM_RATE_LIMIT_SHARED" default:"120" help:"Readings of shared conversations a minute, for each address; 0 is no limit."`
	Export int `name:"rate-limit-export" env:"ATRIUM_RATE_LIMIT_EXPORT" default:"6" help:"Exports of an account a minute, for each user; 0 is no limit."`
}

// classify names the limit that a request falls under.
func (l RateLimits) classify(r *http.Request) ratelimit.Class {
	path := r.URL.Path
	switch {
	case signsIn(r.Method, path):
		return ratelimit.Class{Name: "sign-in", PerMinute: l.SignIn, ByAddress: true}
	case path == "/api/users/me/export":
		return ratelimit.Class{Name: "export", PerMinute: l.Export}
	case strings.HasPrefix(path, "/api/chat/shared/"):
		return ratelimit.Class{Name: "shared", PerMinute: l.Shared, ByAddress: true}
	case r.Method == http.MethodPost && asksModel(path):
		return ratelimit.Class{Name: "ai", PerMinute: l.AI}
	}
	return ratelimit.Class{Name: "api", PerMinute: l.API}
}

// signsIn reports whether the request tries to prove who somebody is, or may
// make mail be sent. All ways to do so share one count, also those that begin
// with following a link.
func signsIn(method, path string) bool {
	if strings.HasPrefix(path, "/api/auth/oidc/") {
		return true
	}
	if method != http.MethodPost {
		return false
	}
	switch path {
	case "/api/auth/login", "/api/auth/login/totp", "/api/auth/register",
		"/api/auth/password/forgot", "/api/auth/password/reset":
		return true
	}
	return false
}

func asksModel(path string) bool {
	if strings.HasPrefix(path, "/api/ai/") || strings.HasPrefix(path, "/api/ide/ai/") {
		return true
	}
	return strings.HasPrefix(path, "/api/chat/") &&
		(strings.HasSuffix(path, "/messages") || strings.HasSuffix(path, "/regenerate"))
}
