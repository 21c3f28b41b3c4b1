package inproc_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// patience bounds what should happen at once.
const patience = 10 * time.Second

type anybody struct{}

func (anybody) Verify(string) (principal.Principal, error) {
	return principal.Principal{Kind: principal.User}, nil
}

// service does what a test says.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
	check func(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error)
	watch func(*grpc_health_v1.HealthCheckRequest, grpc_health_v1.Health_WatchServer) error
}

func (s service) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	return s.check(ctx, r)
}

func (s service) Watch(r *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
	return s.watch(r, out)
}

// both serves s without a connection and over one: what is asked of the first
// is what the second does.
func both(t *testing.T, s service, test func(t *testing.T, client grpc_health_v1.HealthClient)) {
	t.Helper()
	options := grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: anybody{},
		Access: func(string) (string, string, bool, []string, bool) {
			return "user", "", false, []string{"tester"}, true
		},
	}
	t.Run("direct", func(t *testing.T) {
		server, err := inproc.NewServer(options)
		require.NoError(t, err)
		grpc_health_v1.RegisterHealthServer(server, s)
		require.NoError(t, server.Start(t.Context()))
		test(t, grpc_health_v1.NewHealthClient(server.ConnectAs("tester")))
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("connection", func(t *testing.T) {
		server, err := grpcx.NewServer(options)
		require.NoError(t, err)
		grpc_health_v1.RegisterHealthServer(server, s)
		listener := inproc.Listen()
		go server.Serve(listener) //nolint:errcheck // ended by Stop
		conn, err := listener.Connect()
		require.NoError(t, err)
		test(t, grpc_health_v1.NewHealthClient(conn))
		require.NoError(t, conn.Close())
		server.GracefulStop()
	})
}

type key struct{}

func TestACallCarriesItsMessagesAndMetadataOnly(t *testing.T) {
	serving := &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}
	both(t, service{check: func(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		if r.GetService() != "a" || md.Get("x-word")[0] != "b" || ctx.Value(key{}) != nil {
			return nil, errors.New("wrong")
		}
		_, bounded := ctx.Deadline()
		if !bounded {
			return nil, errors.New("no deadline")
		}
		r.Service = "changed"
		return serving, grpc.SetHeader(ctx, metadata.Pairs("x-answer", "c"))
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, 1), patience)
		defer cancel()
		request := &grpc_health_v1.HealthCheckRequest{Service: "a"}
		var header metadata.MD
		got, err := client.Check(metadata.AppendToOutgoingContext(ctx, "x-word", "b"), request, grpc.Header(&header))
		require.NoError(t, err)
		require.Equal(t, "a", request.GetService(), "each side has its own")
		require.NotSame(t, serving, got)
		require.Equal(t, serving.GetStatus(), got.GetStatus())
		require.Equal(t, []string{"c"}, header.Get("x-answer"))
		_, err = client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "\xff"})
		require.Error(t, err, "text must be UTF-8")
		_, err = client.List(ctx, &grpc_health_v1.HealthListRequest{})
		require.Equal(t, apperr.NotFound, apperr.From(err).Kind)
	})
}

func TestErrorsAndPanicsAreThePlatforms(t *testing.T) {
	refused := apperr.New(apperr.Conflict, "TAKEN", "Taken.").WithMetadata("by", "ada").WithRetryAfter(time.Second)
	both(t, service{
		check: func(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
			panic("secret")
		},
		watch: func(_ *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
			return errors.Join(out.Send(&grpc_health_v1.HealthCheckResponse{}), refused)
		},
	}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		_, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, apperr.Internal, apperr.From(err).Kind)
		require.NotContains(t, err.Error(), "secret")
		stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err, "what was sent before comes first")
		_, err = stream.Recv()
		got := apperr.From(err)
		require.Equal(t, "TAKEN", got.Reason)
		require.Equal(t, "ada", got.Metadata["by"])
		require.Equal(t, time.Second, got.RetryAfter)
	})
}

func TestWhoeverLeavesEndsTheCall(t *testing.T) {
	began, ended := make(chan struct{}, 1), make(chan error, 1)
	wait := func(ctx context.Context) error {
		began <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	both(t, service{
		check: func(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
			return nil, wait(ctx)
		},
		watch: func(_ *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
			return errors.Join(out.SendHeader(metadata.Pairs("x-ready", "1")), wait(out.Context()))
		},
	}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		ctx, leave := context.WithCancel(t.Context())
		go func() { <-began; leave() }()
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, apperr.Canceled, apperr.From(err).Kind)
		require.ErrorIs(t, <-ended, context.Canceled)

		ctx, leave = context.WithCancel(t.Context())
		stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		header, err := stream.Header()
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, header.Get("x-ready"), "it comes before any message")
		<-began
		leave()
		_, err = stream.Recv()
		require.Equal(t, apperr.Canceled, apperr.From(err).Kind)
		require.ErrorIs(t, <-ended, context.Canceled)

		late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err = client.Check(late, &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
		select {
		case <-began: // it may have been over before it began
			<-ended //nolint:errcheck // likewise
		case <-time.After(100 * time.Millisecond):
		}
	})
}

func TestWhoeverLeavesHearsThatWhateverTheHandlerSays(t *testing.T) {
	both(t, service{check: func(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
		<-ctx.Done()
		return nil, apperr.New(apperr.Conflict, "OTHER", "Something else.")
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, leave)
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, apperr.Canceled, apperr.From(err).Kind)
		late, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err = client.Check(late, &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
	})
}

func TestASlowReaderHoldsTheWriterAndLosesNothing(t *testing.T) {
	const many = 500
	both(t, service{watch: func(_ *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
		for i := range many {
			if err := out.Send(&grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_ServingStatus(i)}); err != nil {
				return err
			}
		}
		return nil
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		for i := range many {
			m, err := stream.Recv()
			require.NoError(t, err)
			require.EqualValues(t, i, m.GetStatus())
		}
		_, err = stream.Recv()
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestAServerThatDoesNotRunIsAwayAndItsStopEndsCalls(t *testing.T) {
	began := make(chan struct{})
	server, err := inproc.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: anybody{},
		Access: func(string) (string, string, bool, []string, bool) {
			return "user", "", false, []string{"tester"}, true
		},
	})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{watch: func(_ *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
		close(began)
		<-out.Context().Done()
		return out.Context().Err()
	}})
	client := grpc_health_v1.NewHealthClient(server.ConnectAs("tester"))
	_, err = client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
	require.NoError(t, server.Start(t.Context()))
	stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	<-began
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.NoError(t, server.Stop(short))
	_, err = stream.Recv()
	require.Error(t, err)
	require.NotErrorIs(t, err, io.EOF)
	_, err = client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
}

func TestATraceGoesOnOnTheOtherSide(t *testing.T) {
	before, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	t.Cleanup(func() { otel.SetTracerProvider(before); otel.SetTextMapPropagator(propagator) })
	spans := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	both(t, service{
		check: func(context.Context, *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
			return &grpc_health_v1.HealthCheckResponse{}, nil
		},
		watch: func(_ *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
			_, span := otel.Tracer("test").Start(out.Context(), "inside")
			span.End()
			return nil
		},
	}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		// A call without an end is no span: what is done in it is its caller's.
		spans.Reset()
		ctx, opening := otel.Tracer("test").Start(t.Context(), "opening")
		endless, err := client.Watch(grpcx.Endless(ctx), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		_, err = endless.Recv()
		require.ErrorIs(t, err, io.EOF)
		require.Len(t, spans.Ended(), 1)
		require.Equal(t, "inside", spans.Ended()[0].Name())
		require.Equal(t, opening.SpanContext().SpanID(), spans.Ended()[0].Parent().SpanID())

		spans.Reset()
		_, err = client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.ErrorIs(t, err, io.EOF)
		require.Eventually(t, func() bool { return len(spans.Ended()) == 5 }, patience, time.Millisecond)
		callers := map[string]string{}
		for _, s := range spans.Ended() {
			if s.SpanKind() == api.SpanKindClient {
				callers[s.SpanContext().SpanID().String()] = s.Name()
			}
		}
		require.Len(t, callers, 2)
		for _, s := range spans.Ended() {
			if s.SpanKind() == api.SpanKindServer {
				require.Equal(t, s.Name(), callers[s.Parent().SpanID().String()])
				require.True(t, s.Parent().IsRemote())
			}
		}
	})
}

func TestACallerSeesWhetherAHeaderWasSent(t *testing.T) {
	both(t, service{watch: func(r *grpc_health_v1.HealthCheckRequest, out grpc_health_v1.Health_WatchServer) error {
		if r.GetService() == "refused" {
			return apperr.New(apperr.Conflict, "TAKEN", "Taken.")
		}
		return errors.Join(out.SendHeader(nil), out.Send(&grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}))
	}}, func(t *testing.T, client grpc_health_v1.HealthClient) {
		stream, err := client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		header, err := stream.Header()
		require.NoError(t, err)
		require.NotNil(t, header, "there is one, though it says nothing")
		first, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, first.GetStatus())

		stream, err = client.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "refused"})
		require.NoError(t, err)
		header, err = stream.Header()
		require.NoError(t, err)
		require.Nil(t, header, "only a status came")
		_, err = stream.Recv()
		require.Equal(t, "TAKEN", apperr.From(err).Reason)
	})
}

// TestARefusalIsTheErrorOfAStream refuses callers before they have sent their
// request, which what is generated sends first and without an error.
func TestARefusalIsTheErrorOfAStream(t *testing.T) {
	server, err := inproc.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Verifier: anybody{},
		Access: func(string) (string, string, bool, []string, bool) {
			return "user", "", false, []string{"tester"}, true
		},
	})
	require.NoError(t, err)
	grpc_health_v1.RegisterHealthServer(server, service{})
	require.NoError(t, server.Start(t.Context()))
	stranger := server.ConnectAs("stranger")
	for range 40 {
		stream, err := stranger.NewStream(t.Context(), &grpc_health_v1.Health_ServiceDesc.Streams[0], grpc_health_v1.Health_Watch_FullMethodName)
		require.NoError(t, err)
		time.Sleep(2 * time.Millisecond) // by now it is refused
		require.NoError(t, stream.SendMsg(&grpc_health_v1.HealthCheckRequest{}))
		var refused *apperr.Error
		require.ErrorAs(t, stream.RecvMsg(&grpc_health_v1.HealthCheckResponse{}), &refused)
		require.Equal(t, apperr.PermissionDenied, refused.Kind)
	}
	require.NoError(t, server.Stop(t.Context()))
}
