package grpcx_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"atrium.internal/pkg/grpcx"
)

func TestCallsGoToAllReplicasAndToThoseThatAreLeft(t *testing.T) {
	var addresses string
	var servers []*grpc.Server
	status := []healthv1.HealthCheckResponse_ServingStatus{healthv1.HealthCheckResponse_SERVING, healthv1.HealthCheckResponse_NOT_SERVING}
	for i := range status {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		server, replies := grpc.NewServer(), health.NewServer()
		replies.SetServingStatus("", status[i]) // tells which one it is
		healthv1.RegisterHealthServer(server, replies)
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		servers, addresses = append(servers, server), addresses+", "+listener.Addr().String()
	}
	conn, err := grpcx.Dial(addresses[2:], grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	answered := func() map[healthv1.HealthCheckResponse_ServingStatus]int {
		by := map[healthv1.HealthCheckResponse_ServingStatus]int{}
		for range 20 {
			reply, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{}, grpc.WaitForReady(true))
			require.NoError(t, err)
			by[reply.GetStatus()]++
		}
		return by
	}
	require.Eventually(t, func() bool { return len(answered()) == 2 }, 10*time.Second, time.Millisecond)
	servers[0].GracefulStop()
	require.Equal(t, map[healthv1.HealthCheckResponse_ServingStatus]int{status[1]: 20}, answered())
}

// A rolling restart takes the next replica when the one before has been back for
// as long as a program needs to stop and start.
func TestAReplicaThatIsBackIsCalledBeforeTheNextGoes(t *testing.T) {
	t.Parallel()
	serve := func(address string) *grpc.Server {
		listener, err := net.Listen("tcp", address)
		require.NoError(t, err)
		server := grpc.NewServer()
		healthv1.RegisterHealthServer(server, health.NewServer())
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		return server
	}
	first, second := freeAddress(t), freeAddress(t)
	stopping, staying := serve(first), serve(second)
	conn, err := grpcx.Dial(first+","+second, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	call := func(options ...grpc.CallOption) error {
		_, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{}, options...)
		return err
	}
	require.NoError(t, call(grpc.WaitForReady(true)))

	stopping.GracefulStop()
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		require.NoError(t, call(), "the other one is there")
	}
	serve(first)
	time.Sleep(400 * time.Millisecond)
	staying.GracefulStop()
	for range 20 {
		require.NoError(t, call())
	}
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
