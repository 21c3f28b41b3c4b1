package slots_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/slots"
)

// call is a request under way; a user of uuid.Nil is nobody.
type call struct {
	user    uuid.UUID
	address string
	accept  string
}

// held serves requests one inside the other: each call is made while those
// before it are still under way. It gives the last one's answer.
func held(middleware func(http.Handler) http.Handler, calls ...call) *httptest.ResponseRecorder {
	var last *httptest.ResponseRecorder
	var handler http.Handler
	var next func()
	handler = middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { next() }))
	next = func() {
		if len(calls) == 0 {
			return
		}
		c := calls[0]
		calls = calls[1:]
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.address + ":1"
		r.Header.Set("Accept", c.accept)
		p := principal.Principal{Kind: principal.Anonymous}
		if c.user != uuid.Nil {
			p = principal.Principal{Kind: principal.User, UserID: c.user}
		}
		w := httptest.NewRecorder()
		clientaddr.Middleware(0)(handler).ServeHTTP(w, r.WithContext(principal.With(r.Context(), p)))
		if last == nil {
			last = w // the innermost ends first
		}
	}
	next()
	return last
}

func TestEachAddressAndAllTogetherHaveABound(t *testing.T) {
	here, there := call{address: "192.0.2.1"}, call{address: "192.0.2.2"}
	everyone := slots.Everyone(3, 2)
	require.Equal(t, http.StatusOK, held(everyone, here, here).Code)
	refused := held(everyone, here, here, here)
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.Contains(t, refused.Body.String(), "TOO_MANY_REQUESTS_AT_ONCE")
	require.Equal(t, "2", refused.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, held(everyone, here, here, there).Code, "others are not held up")
	refused = held(everyone, here, here, there, there)
	require.Equal(t, http.StatusServiceUnavailable, refused.Code)
	require.Contains(t, refused.Body.String(), "SERVER_BUSY")
	require.Equal(t, http.StatusOK, held(everyone, here, there, there).Code, "what ended takes no place")
}

func TestEachUserHasABoundAndStreamsOneOfTheirOwn(t *testing.T) {
	ada, eve := uuid.New(), uuid.New()
	ask := func(user uuid.UUID) call { return call{user: user, address: "192.0.2.1"} }
	stream := func(user uuid.UUID) call {
		return call{user: user, address: "192.0.2.1", accept: "text/event-stream"}
	}
	users := slots.NewUsers(2, 1).Middleware
	require.Equal(t, http.StatusOK, held(users, ask(ada), ask(ada)).Code)
	require.Equal(t, http.StatusTooManyRequests, held(users, ask(ada), ask(ada), ask(ada)).Code)
	require.Equal(t, http.StatusOK, held(users, ask(ada), ask(ada), ask(eve)).Code)
	require.Equal(t, http.StatusOK, held(users, ask(ada), ask(ada), stream(ada)).Code)
	refused := held(users, stream(ada), stream(ada))
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.Contains(t, refused.Body.String(), "TOO_MANY_STREAMS")
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, held(users, ask(uuid.Nil), ask(uuid.Nil), ask(uuid.Nil)).Code, "strangers are counted by address")
}

func TestAWebSocketIsAStream(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	require.False(t, slots.Streams(r))
	r.Header.Set("Upgrade", "WebSocket")
	require.True(t, slots.Streams(r))
}
