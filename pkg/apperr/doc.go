// Package apperr is the one error vocabulary of the platform: a kind, a
// machine-readable reason and a sentence for a person. Domains return these
// errors; only package grpcx turns them into gRPC statuses, and only the
// gateway turns those into HTTP. An error of any other type is "internal": its
// text goes to the log and never to a caller.
package apperr
