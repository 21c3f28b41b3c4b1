// Package auth is the service that owns accounts, their plans and their
// sessions, and the table of the audit log. It signs people in and out and
// tells a gateway who holds a session. It does not know cookies, rate limits
// or signed identities: those are the gateway's.
package auth
