package grpcx_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
)

// onNobodysBehalf makes a call without an identity, as the named service or over
// a connection that proves no name, and gives what came of it.
func onNobodysBehalf(t *testing.T, level, name string) error {
	t.Helper()
	options := grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: callers,
		Access: func(string) (string, string, bool, []string, bool) { return level, "", false, []string{"ide"}, true },
	}
	var conn grpc.ClientConnInterface
	if name == "" {
		server, err := grpcx.NewServer(options)
		require.NoError(t, err)
		grpc_health_v1.RegisterHealthServer(server, service{check: nothing})
		listener := inproc.Listen()
		go server.Serve(listener) //nolint:errcheck // ended by Stop
		t.Cleanup(server.Stop)
		network, err := listener.Connect()
		require.NoError(t, err)
		t.Cleanup(func() { _ = network.Close() })
		conn = network
	} else {
		server, err := inproc.NewServer(options)
		require.NoError(t, err)
		grpc_health_v1.RegisterHealthServer(server, service{check: nothing})
		require.NoError(t, server.Start(t.Context()))
		conn = server.ConnectAs(name)
	}
	_, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	return err
}

func TestAServiceThatSpeaksForNobodyIsKnownByItsConnection(t *testing.T) {
	require.NoError(t, onNobodysBehalf(t, "service", "ide"))
	require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(onNobodysBehalf(t, "service", "chat")).Reason)
	for _, level := range []string{"user", "admin", "anonymous"} {
		err := onNobodysBehalf(t, level, "ide")
		require.Equal(t, apperr.Unauthenticated, apperr.From(err).Kind, "%s: a service is no user", level)
	}
	err := onNobodysBehalf(t, "service", "")
	require.Equal(t, apperr.Unauthenticated, apperr.From(err).Kind, "a connection that proves nothing needs an identity")
}
