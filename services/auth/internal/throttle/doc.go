// Package throttle bounds the guessing of passwords. It counts attempts by
// login and address together, and by address alone, never by login alone: so
// nobody can lock somebody else out. The counts are in Redis, or here while
// Redis is away. It knows nothing of accounts, so that those that exist and
// those that don't are counted alike.
package throttle
