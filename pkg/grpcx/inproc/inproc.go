// Package inproc connects gRPC clients and servers of one process, with the very
// interceptors that the network has: a Server without any connection, and for
// tests of what a connection does, a Listener in memory.
package inproc

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"atrium.internal/pkg/grpcx"
)

// bufferBytes is how much either side may write ahead of the other.
const bufferBytes = 256 << 10

// Listener is one server's end inside the process.
type Listener struct{ *bufconn.Listener }

// Listen makes a listener for a gRPC server's Serve.
func Listen() Listener { return Listener{bufconn.Listen(bufferBytes)} }

// Connect makes a connection to the server that serves the listener. It may be
// made before that server starts.
func (l Listener) Connect() (*grpc.ClientConn, error) {
	return grpcx.Dial("passthrough:///inproc",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials())) // memory needs no TLS
}
