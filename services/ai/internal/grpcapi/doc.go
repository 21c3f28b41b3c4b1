// Package grpcapi is the ai service's gRPC: it turns messages into the
// generator's and the ledger's words and back. It holds no rules; errors are
// mapped to statuses by the server's interceptors.
package grpcapi
