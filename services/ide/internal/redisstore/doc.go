// Package redisstore keeps in Redis what may be lost: tickets, which live half
// a minute, the news that a workspace has changed, what its windows are asked, and answers of models, sealed.
package redisstore
