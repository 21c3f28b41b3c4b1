// Package sse serves the contract's event streams and the calls that answer
// either as a stream or whole, by what the client accepts.
package sse
