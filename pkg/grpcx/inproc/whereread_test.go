package inproc_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
)

type (
	health = grpc_health_v1.HealthCheckResponse
	writer = grpc_health_v1.Health_WatchServer
)

func read(stream grpc_health_v1.Health_WatchClient, handle func(*health) error) error {
	return grpcx.EachReply[grpc_health_v1.HealthCheckRequest](stream, handle)
}

func TestACallThatRunsWhereItIsReadTellsAllAndItsEnd(t *testing.T) {
	const many = 100 // more than either side is ahead
	both(t, service{watch: func(_ *grpc_health_v1.HealthCheckRequest, out writer) error {
		for i := range many {
			if err := out.Send(&health{Status: grpc_health_v1.HealthCheckResponse_ServingStatus(i)}); err != nil {
				return err
			}
		}
		return apperr.New(apperr.Conflict, "TAKEN", "Taken.")
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpcx.WhereRead())
		require.NoError(t, err)
		var got []int
		err = read(stream, func(m *health) error { got = append(got, int(m.GetStatus())); return nil })
		require.Equal(t, "TAKEN", apperr.From(err).Reason)
		require.Len(t, got, many)
		for i := range many {
			require.Equal(t, i, got[i])
		}

		byOne, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpcx.WhereRead())
		require.NoError(t, err)
		for i := range many {
			m, err := byOne.Recv()
			require.NoError(t, err)
			require.EqualValues(t, i, m.GetStatus())
		}
		_, err = byOne.Recv()
		require.Equal(t, "TAKEN", apperr.From(err).Reason)
	})
}

func TestWhoReadsEndsACallThatRunsThere(t *testing.T) {
	enough := errors.New("enough")
	ended := make(chan error, 1)
	both(t, service{watch: func(_ *grpc_health_v1.HealthCheckRequest, out writer) error {
		err := errors.Join(out.SendHeader(metadata.Pairs("x-ready", "1")), out.Send(&health{}))
		<-out.Context().Done()
		ended <- errors.Join(err, out.Context().Err())
		return out.Context().Err()
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		begin := func() (grpc_health_v1.Health_WatchClient, context.CancelFunc) {
			ctx, leave := context.WithCancel(t.Context())
			stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{}, grpcx.WhereRead())
			require.NoError(t, err)
			return stream, leave
		}
		stream, leave := begin()
		require.ErrorIs(t, read(stream, func(*health) error { return enough }), enough)
		leave() // as over a network
		require.ErrorIs(t, <-ended, context.Canceled)

		stream, leave = begin()
		err := read(stream, func(*health) error { leave(); return nil })
		require.Equal(t, apperr.Canceled, apperr.From(err).Kind)
		require.ErrorIs(t, <-ended, context.Canceled)

		stream, leave = begin()
		header, err := stream.Header()
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, header.Get("x-ready"))
		require.ErrorIs(t, read(stream, func(*health) error { return enough }), enough)
		leave()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestACallThatNobodyReadsDoesNotOutliveItsContext(t *testing.T) {
	server, err := inproc.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: anybody{},
		Access: func(string) (string, string, bool, []string, bool) {
			return "user", "", false, []string{"tester"}, true
		},
	})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{watch: func(_ *grpc_health_v1.HealthCheckRequest, out writer) error {
		<-out.Context().Done()
		return out.Context().Err()
	}})
	require.NoError(t, server.Start(t.Context()))
	ctx, leave := context.WithCancel(t.Context())
	stream, err := grpc_health_v1.NewHealthClient(server.ConnectAs("tester")).Watch(ctx, &grpc_health_v1.HealthCheckRequest{}, grpcx.WhereRead())
	require.NoError(t, err)
	leave()
	require.NoError(t, server.Stop(t.Context()), "it waits for all calls")
	_, err = stream.Recv()
	require.Equal(t, apperr.Canceled, apperr.From(err).Kind)
}
