// Package assembly is the map of the one-process platform: which module gets
// what, and in which order they start. Services talk to each other over gRPC
// here too, through memory, with the interceptors that the network has.
package assembly
