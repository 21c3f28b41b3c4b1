// Package rest serves the JSON part of the contract. The routes themselves are
// written in the protobuf files; here stand only the rules that hold for all of
// them, and the few answers that are put together from several services.
package rest
