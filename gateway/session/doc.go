// Package session tells who a browser's cookie or a script's API token stands
// for. Redis is the cache that every gateway reads; the auth service and its
// Postgres are the authority, asked on a miss and whenever Redis is away. It
// also closes the open streams of sessions and tokens that end.
package session
