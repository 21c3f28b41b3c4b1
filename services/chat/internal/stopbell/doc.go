// Package stopbell carries the word to stop an answer to the process that
// writes it, through Redis. It only makes stopping quick: the word itself is
// in the store.
package stopbell
