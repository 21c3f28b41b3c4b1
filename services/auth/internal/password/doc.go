// Package password hashes passwords with Argon2id, a bounded number at a time.
// What a password must be is package account's.
package password
