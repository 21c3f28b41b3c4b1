// Package session tells who a browser's cookie stands for. Redis is the cache
// that every gateway reads; the auth service and its Postgres are the
// authority, asked on a miss and whenever Redis is away. It also closes the
// open streams of sessions that end.
package session
