package inproc_test

import (
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
)

type (
	asked    = reflectionv1.ServerReflectionRequest
	answered = reflectionv1.ServerReflectionResponse
	talk     = grpc.BidiStreamingServer[asked, answered]
)

// talking is a service of which only its stream in both directions is used.
type talking struct {
	reflectionv1.UnimplementedServerReflectionServer
	serve func(talk) error
}

func (t talking) ServerReflectionInfo(stream talk) error { return t.serve(stream) }

// each runs a test within a process and over a connection.
func each(t *testing.T, serve func(talk) error, test func(t *testing.T, within bool, stream grpc.BidiStreamingClient[asked, answered])) {
	t.Helper()
	options := grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: anybody{},
		Access: func(string) (string, string, bool, []string, bool) {
			return "user", "", false, []string{"tester"}, true
		},
	}
	begin := func(t *testing.T, within bool, conn grpc.ClientConnInterface) {
		t.Helper()
		stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
		require.NoError(t, err)
		test(t, within, stream)
	}
	t.Run("direct", func(t *testing.T) {
		server, err := inproc.NewServer(options)
		require.NoError(t, err)
		reflectionv1.RegisterServerReflectionServer(server, talking{serve: serve})
		require.NoError(t, server.Start(t.Context()))
		begin(t, true, server.ConnectAs("tester"))
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("connection", func(t *testing.T) {
		server, err := grpcx.NewServer(options)
		require.NoError(t, err)
		reflectionv1.RegisterServerReflectionServer(server, talking{serve: serve})
		listener := inproc.Listen()
		go server.Serve(listener) //nolint:errcheck // ended by Stop
		conn, err := listener.Connect()
		require.NoError(t, err)
		begin(t, false, conn)
		require.NoError(t, conn.Close())
		server.GracefulStop()
	})
}

func TestEachMessageIsHandledInOrderAndTheEndIsTold(t *testing.T) {
	const many = 300
	var handled atomic.Int64
	each(t, func(stream talk) error {
		err := grpcx.EachRequest(stream, func(m *asked) error {
			handled.Add(1)
			return stream.Send(&answered{ValidHost: m.GetHost()})
		})
		if !errors.Is(err, io.EOF) {
			return err
		}
		return apperr.New(apperr.Conflict, "TAKEN", "Taken.")
	}, func(t *testing.T, within bool, stream grpc.BidiStreamingClient[asked, answered]) {
		handled.Store(0)
		name := func(i int) string { return string(rune('a' + i%26)) }
		ended := make(chan error, 1)
		var got []string
		go func() {
			ended <- grpcx.EachReply[answered](stream, func(m *answered) error { got = append(got, m.GetValidHost()); return nil })
		}()
		for i := range many {
			require.NoError(t, stream.Send(&asked{Host: name(i)}))
			if within && i >= many/2 { // by now the other side serves
				require.EqualValues(t, i+1, handled.Load(), "whoever sends handles it")
			}
		}
		require.NoError(t, stream.CloseSend())
		require.Equal(t, "TAKEN", apperr.From(<-ended).Reason)
		require.Len(t, got, many)
		for i, text := range got {
			require.Equal(t, name(i), text)
		}
	})
}

func TestEachEndsWithWhatItsHandlerSays(t *testing.T) {
	enough := errors.New("enough")
	each(t, func(stream talk) error {
		err := grpcx.EachRequest(stream, func(*asked) error { return enough })
		if !errors.Is(err, enough) {
			return err
		}
		for range 3 {
			if err := stream.Send(&answered{}); err != nil {
				return err
			}
		}
		return nil
	}, func(t *testing.T, _ bool, stream grpc.BidiStreamingClient[asked, answered]) {
		require.NoError(t, stream.Send(&asked{}))
		require.ErrorIs(t, grpcx.EachReply[answered](stream, func(*answered) error { return enough }), enough)
		for range 2 {
			_, err := stream.Recv()
			require.NoError(t, err, "the rest is there for whoever asks")
		}
		require.ErrorIs(t, grpcx.EachReply[answered](stream, func(*answered) error { return nil }), io.EOF)
	})
}
