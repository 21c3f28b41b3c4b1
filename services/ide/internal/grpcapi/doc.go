// Package grpcapi serves the ide service's contract: it reads requests, calls
// the domains as the caller, and writes answers. Who may call is decided before
// it, by the contract's own rules; who owns what, behind it, by the domains.
package grpcapi
