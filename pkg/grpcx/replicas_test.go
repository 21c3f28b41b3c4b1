package grpcx_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"atrium.internal/pkg/grpcx"
)

// Calls go to every replica of a service, and to those that are left when one ends.
func TestCallsGoToEveryReplica(t *testing.T) {
	names := manual.NewBuilderWithScheme("replicas")
	called := make(chan int, 100)
	var servers []*grpc.Server
	var state resolver.State
	for i := range 3 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		server := grpc.NewServer()
		grpc_health_v1.RegisterHealthServer(server, service{check: func(context.Context) error { called <- i; return nil }})
		go server.Serve(listener) //nolint:errcheck // ended by Stop
		t.Cleanup(server.Stop)
		servers, state.Addresses = append(servers, server), append(state.Addresses, resolver.Address{Addr: listener.Addr().String()})
	}
	names.InitialState(state)
	conn, err := grpcx.Dial("replicas:///auth", grpc.WithResolvers(names), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	call := func() int {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		return <-called
	}
	reached := map[int]bool{}
	require.Eventually(t, func() bool { reached[call()] = true; return len(reached) == 3 }, 20*time.Second, time.Millisecond)
	servers[0].GracefulStop()
	for range 50 {
		require.NotZero(t, call())
	}
}
