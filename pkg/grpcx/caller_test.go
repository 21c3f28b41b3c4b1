package grpcx_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
)

// named serves a call that the given services may make, and gives a caller of
// it, unary and streaming.
func named(t *testing.T, allowed ...string) func(service, as string) (unary, stream error) {
	t.Helper()
	server, err := inproc.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: callers,
		Access: func(string) (string, string, bool, []string, bool) { return "user", "", false, allowed, allowed != nil },
	})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{check: nothing})
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return func(service, as string) (unary, stream error) {
		client := grpc_health_v1.NewHealthClient(server.ConnectAs(service))
		ctx := metadata.AppendToOutgoingContext(t.Context(), grpcx.MetadataIdentity, as)
		_, unary = client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		watch, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		_, stream = watch.Recv()
		return unary, stream
	}
}

// Watch ends at once; that it began is what counts.
func (s service) Watch(_ *grpc_health_v1.HealthCheckRequest, stream grpc_health_v1.Health_WatchServer) error {
	return stream.Send(&grpc_health_v1.HealthCheckResponse{})
}

func TestOnlyTheNamedServicesMayCall(t *testing.T) {
	call := named(t, "gateway", "chat")
	for _, service := range []string{"gateway", "chat"} {
		unary, stream := call(service, "ada")
		require.NoError(t, unary, service)
		require.NoError(t, stream, service)
	}
	for _, service := range []string{"", "ide", "gatewa", "gateway ", "Gateway", "gateway,chat"} {
		unary, stream := call(service, "ada")
		require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(unary).Reason, service)
		require.Equal(t, apperr.PermissionDenied, apperr.From(unary).Kind)
		require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(stream).Reason, service)
		require.NotContains(t, unary.Error(), "Check", "the answer does not help whoever asks")
	}
}

func TestTheCallingServiceIsCheckedBesidesTheIdentity(t *testing.T) {
	call := named(t, "gateway")
	unary, _ := call("gateway", "made up")
	require.ErrorIs(t, unary, identity.ErrInvalid, "a right service with a wrong identity")
	unary, _ = call("chat", "made up")
	require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(unary).Reason, "the service comes first")
}

func TestWithoutARuleNoServiceMayCall(t *testing.T) {
	unary, stream := named(t)("gateway", "ada")
	require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(unary).Reason)
	require.Equal(t, "CALLER_NOT_ALLOWED", apperr.From(stream).Reason)
}
