// Package secondfactor owns the second step of signing in: an authenticator's
// codes (TOTP, RFC 6238) and the recovery codes that stand in for them. It
// knows which code is right and that none is right twice; who a password
// belongs to is package account's, and what a session is package session's.
package secondfactor
