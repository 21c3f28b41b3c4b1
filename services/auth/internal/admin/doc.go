// Package admin owns the rules of administrating others' accounts and the
// plans: who may change whom, and that a change holds at once for everything
// that the account is signed in with. What the roles are and how accounts
// stand to each other is package account's.
package admin
