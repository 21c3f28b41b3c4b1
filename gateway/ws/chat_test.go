package ws_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/ws"
)

// service is a chat service whose watching ends when it is told how.
type service struct {
	chatv1.ChatServiceClient
	end chan error
	// watched gets the context of each call, if it is there.
	watched chan context.Context
}

func (s service) Watch(ctx context.Context, _ *chatv1.WatchRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[chatv1.WatchResponse], error) {
	if s.watched != nil {
		s.watched <- ctx
	}
	return &watching{ctx: ctx, end: s.end}, nil
}

type watching struct {
	grpc.ServerStreamingClient[chatv1.WatchResponse]
	ctx context.Context
	end chan error
}

func (w *watching) Header() (metadata.MD, error) { return metadata.MD{}, nil }

func (w *watching) Recv() (*chatv1.WatchResponse, error) {
	select {
	case err := <-w.end:
		return nil, grpcx.ToStatus(err).Err()
	case <-w.ctx.Done():
		return nil, w.ctx.Err()
	}
}

// connect gives a socket, and a way to end its session.
func connect(t *testing.T, s service) (*websocket.Conn, context.CancelFunc) {
	t.Helper()
	session, end := context.WithCancel(t.Context())
	handler := ws.Chat{Client: s, Origin: "http://atrium.example", Log: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(principal.With(r.Context(), principal.Principal{Kind: principal.User}))
		defer context.AfterFunc(session, cancel)()
		handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(server.Close)
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(server.URL, "http", "ws", 1), &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"http://atrium.example"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	_, hello, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"hello"}`, string(hello))
	return conn, end
}

func TestAClosedSocketSaysWhy(t *testing.T) {
	conn, endSession := connect(t, service{})
	endSession()
	_, _, err := conn.Read(t.Context())
	var closed websocket.CloseError
	require.ErrorAs(t, err, &closed)
	require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "SESSION_ENDED"}, closed)

	slow := service{end: make(chan error, 1)}
	conn, _ = connect(t, slow)
	slow.end <- apperr.New(apperr.RateLimited, "SLOW_READER", "Too slow.")
	_, _, err = conn.Read(t.Context())
	require.ErrorAs(t, err, &closed)
	require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "SLOW_READER"}, closed)
}

func TestAClientThatLeavesEndsTheCallForIt(t *testing.T) {
	quiet := service{watched: make(chan context.Context, 1)}
	conn, _ := connect(t, quiet)
	require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
	select {
	case <-(<-quiet.watched).Done():
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on until something happens")
	}
}

func TestAServiceThatRestartsClosesSocketsToConnectAgain(t *testing.T) {
	stopping := service{end: make(chan error, 1)}
	conn, _ := connect(t, stopping)
	stopping.end <- drain.ErrRestarting
	_, _, err := conn.Read(t.Context())
	var closed websocket.CloseError
	require.ErrorAs(t, err, &closed)
	require.Equal(t, websocket.CloseError{Code: websocket.StatusServiceRestart, Reason: "SERVICE_RESTARTING"}, closed)
}
