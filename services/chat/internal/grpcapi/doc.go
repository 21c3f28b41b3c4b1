// Package grpcapi is the service's transport: it turns the contract's messages
// into calls of the domains and back. It decides nothing.
package grpcapi
