// Package grpcx makes gRPC servers and connections that all carry the same
// rules: a signed identity on every call, access by the contract, validated
// requests, and one mapping of errors in each direction. The same server
// options serve a network listener and an in-process one.
package grpcx
