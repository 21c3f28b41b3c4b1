// Package announcement owns what administrators tell everybody who is signed
// in: when it is shown, to whom no more, and what it may say. Who is an
// administrator is package account's to say.
package announcement
