package oidc

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"atrium.internal/services/auth/internal/session"
)

// newSecret makes 256 random bits that fit into addresses and cookies.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func hashOf(secret string) session.Hash { return sha256.Sum256([]byte(secret)) }

// derive makes the nonce and the PKCE verifier of a login from what the
// browser brings back. So neither has to be stored, and who reads the database
// can finish no login.
func (l *Logins) derive(purpose, state, binding string) string {
	mac := hmac.New(sha256.New, l.key)
	for _, part := range []string{purpose, state, binding} {
		sum := sha256.Sum256([]byte(part))
		mac.Write(sum[:])
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (l *Logins) nonce(state, binding string) string    { return l.derive("nonce", state, binding) }
func (l *Logins) verifier(state, binding string) string { return l.derive("pkce", state, binding) }
