package ws_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"

	"atrium.internal/gateway/middleware/ratelimit"
	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/ws"
)

const here = "http://atrium.example"

// refusing serves what always refuses a user's request, behind what tells of it.
func refusing(t *testing.T, middleware func(http.Handler) http.Handler) (dial func(query, origin string) (*websocket.Conn, *http.Response, error)) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	handler := ws.Refusals(here, log)(middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("it is served")
	})))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user := principal.Principal{Kind: principal.User, UserID: uuid.Max}
		handler.ServeHTTP(w, r.WithContext(principal.With(r.Context(), user)))
	}))
	t.Cleanup(server.Close)
	return func(query, origin string) (*websocket.Conn, *http.Response, error) {
		address := strings.Replace(server.URL, "http", "ws", 1) + "?" + query
		return websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	}
}

func TestARefusalBeforeTheHandlerIsToldToPages(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	limited := ratelimit.Middleware(client, func(*http.Request) ratelimit.Class {
		return ratelimit.Class{Name: "test", PerMinute: 1}
	}, log)
	used := httptest.NewRequest(http.MethodGet, "/", nil)
	used = used.WithContext(principal.With(used.Context(), principal.Principal{Kind: principal.User, UserID: uuid.Max}))
	limited(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), used)

	users := slots.NewUsers(1, 1)
	used.Header.Set("Upgrade", "websocket")
	_, err = users.Take(uuid.Max, used)
	require.NoError(t, err)

	for reason, middleware := range map[string]func(http.Handler) http.Handler{
		"RATE_LIMITED": limited, "TOO_MANY_STREAMS": users.Middleware,
	} {
		t.Run(reason, func(t *testing.T) {
			dial := refusing(t, middleware)
			conn, _, err := dial("refusal=close", here)
			require.NoError(t, err)
			_, _, err = conn.Read(t.Context())
			var closed websocket.CloseError
			require.ErrorAs(t, err, &closed)
			require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: reason}, closed)

			for what, c := range map[string]struct{ query, origin string }{
				"not asked for": {"", here}, "another origin's page": {"refusal=close", "http://evil.example"},
			} {
				_, response, err := dial(c.query, c.origin)
				require.Error(t, err, what)
				require.Equal(t, http.StatusTooManyRequests, response.StatusCode, what)
			}
		})
	}
}
