package oidc

import (
	"net/url"
	"strings"
)

// linkedAt is where somebody goes who has linked a login.
const linkedAt = "/settings"

// Next gives a path on this site to go to after a login: what was asked for,
// or "/" for anything that a browser could read as another site.
func Next(asked string) string {
	// A browser reads \ as /, and leaves tabs and line ends out.
	odd := func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }
	if !strings.HasPrefix(asked, "/") || strings.HasPrefix(asked, "//") || strings.ContainsFunc(asked, odd) {
		return "/"
	}
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	return asked
}
