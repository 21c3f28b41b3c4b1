// Package session owns the rules of sessions: how a token is made and known
// again, how long it is good, and that ending one reaches every gateway. Who
// may begin one is package account's; what a gateway keeps in its cache is the
// gateway's.
package session
