// Package reset owns the way back in for people who forgot their password:
// what a link is good for, and that asking for one tells nobody which accounts
// exist. How mail travels is package mail's; what a password must be is
// package account's.
package reset
