// Package account owns the rules of accounts: who may register, what a
// password must be, how a login is checked without telling which part of it
// was wrong, and what a person may change about themselves. Sessions are
// package session's; storage and hashing are adapters behind the interfaces
// here.
package account
