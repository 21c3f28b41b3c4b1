// Package oidc owns the rules of logins at OpenID Connect providers: how one
// is begun so that nobody can slip their own answer into another's browser,
// which account an answer opens, when it makes a new one, and which logins an
// account may give up. Speaking with providers is package issuer's; the
// sessions that follow are package session's.
package oidc
