package grpcx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
)

// lasting is a service whose streams last as long as they may.
type lasting struct {
	grpc_health_v1.UnimplementedHealthServer
	causes chan error
}

func (l lasting) Watch(_ *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	ctx := stream.Context()
	if err := stream.Send(&grpc_health_v1.HealthCheckResponse{}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(500 * time.Millisecond): // by itself
	}
	l.causes <- context.Cause(ctx)
	return ctx.Err()
}

// A stream that can go on elsewhere is ended, with that as its cause; one that
// can't ends by itself.
func TestAServiceThatStopsSendsAwayWhatCanMove(t *testing.T) {
	for movable, want := range map[bool]error{true: drain.ErrRestarting, false: nil} {
		leaving, causes, returned := &drain.Drain{}, make(chan error, 1), make(chan error, 1)
		server := grpc.NewServer(grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			err := next(srv, stream)
			returned <- err
			return err
		}), grpcx.Moving(leaving, func(method string) bool { return movable && method == "/grpc.health.v1.Health/Watch" }))
		grpc_health_v1.RegisterHealthServer(server, lasting{causes: causes})
		listener := inproc.Listen()
		go server.Serve(listener) //nolint:errcheck // ended by Stop
		t.Cleanup(server.Stop)
		conn, err := listener.Connect()
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		stream, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		leaving.Leave()
		require.Equal(t, want, <-causes)
		require.Equal(t, want, <-returned)
	}
}
