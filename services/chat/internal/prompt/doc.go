// Package prompt owns the texts that a person keeps to use again: what one is,
// and how many there may be.
package prompt
