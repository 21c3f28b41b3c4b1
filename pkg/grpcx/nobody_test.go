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

// onNobodysBehalf makes a call without an identity, and gives what came of it.
func onNobodysBehalf(t *testing.T, level, name string, credentials ...grpc.ServerOption) error {
	t.Helper()
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: callers, Extra: credentials,
		Access: func(string) (string, string, bool, []string, bool) { return level, "", false, []string{"ide"}, true },
	})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{check: nothing})
	listener := inproc.Listen()
	go server.Serve(listener) //nolint:errcheck // ended by Stop
	t.Cleanup(server.Stop)
	connect := listener.Connect
	if len(credentials) > 0 {
		connect = func() (*grpc.ClientConn, error) { return listener.ConnectAs(name) }
	}
	conn, err := connect()
	require.NoError(t, err)
	defer conn.Close()
	_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	return err
}

func TestAServiceThatSpeaksForNobodyIsKnownByItsConnection(t *testing.T) {
	require.NoError(t, onNobodysBehalf(t, "service", "ide", inproc.Named()))
	require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(onNobodysBehalf(t, "service", "chat", inproc.Named())).Reason)
	for _, level := range []string{"user", "admin", "anonymous"} {
		err := onNobodysBehalf(t, level, "ide", inproc.Named())
		require.Equal(t, apperr.Unauthenticated, apperr.From(err).Kind, "%s: a service is no user", level)
	}
	err := onNobodysBehalf(t, "service", "")
	require.Equal(t, apperr.Unauthenticated, apperr.From(err).Kind, "a connection that proves nothing needs an identity")
}
