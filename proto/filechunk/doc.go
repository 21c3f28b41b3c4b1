// Package filechunk writes and reads files as the contract's stream of chunks:
// what a service gives of an account, and what the gateway makes a zip of.
package filechunk
