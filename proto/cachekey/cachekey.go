// Package cachekey is the contract on what the gateway and the services share
// in Redis: names and values, no behaviour. Losing all of it loses nothing.
package cachekey

import "time"

// Revoked is the value of a session entry that must not be served again. It
// stands in place of the entry, so that a late refill (SET NX) can't undo it.
const Revoked = "revoked"

// Stale is the value of an entry whose holder has changed: auth is to be asked
// each time, until the entry expires after StaleFor. It stands in place of the
// entry as Revoked does.
const Stale = "stale"

// An answer of auth may fill the cache only within FreshFor of the question.
// Stale outlives that by far, so no answer from before a change comes after it.
const (
	FreshFor = 10 * time.Second
	StaleFor = 30 * time.Second
)

// RevokedChannel carries the ids of sessions and API tokens whose open streams
// must end, as a JSON array of strings: they were revoked, or their holder has
// lost a right. Any message, also one without ids, says that entries have
// changed, so that what was read before is to be forgotten.
const RevokedChannel = "atrium:session:revoked"

// Session is the entry of a platform session: the holder as protobuf bytes, or
// Revoked. tokenHash is the SHA-256 of the token in hexadecimal.
func Session(tokenHash string) string { return "atrium:session:{" + tokenHash + "}" }

// APIToken is the entry of an API token, likewise, under a name of its own: what
// a token may do must never be looked up as if it were a session.
func APIToken(tokenHash string) string { return "atrium:api-token:{" + tokenHash + "}" }

// SessionByID is the same entry found by the session's id.
func SessionByID(id string) string { return "atrium:session:id:{" + id + "}" }

// WorkspaceSession is the entry of a workspace host's cookie: a
// ValidateWorkspaceSessionResponse as protobuf bytes.
func WorkspaceSession(tokenHash string) string { return "atrium:workspace-session:{" + tokenHash + "}" }
