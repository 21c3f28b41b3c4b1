// Package redisstore keeps in Redis what may be lost: tickets, which live half
// a minute, and the news that a workspace has changed.
package redisstore
