package bodylimit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/bodylimit"
)

// echo answers a body with itself, after during has run.
func echo(limits bodylimit.Limits, during func()) http.Handler {
	return bodylimit.Middleware(limits)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if during != nil {
			during()
		}
		_, _ = io.Copy(w, r.Body)
	}))
}

func send(h http.Handler, kind principal.Kind, body io.Reader) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/", body)
	h.ServeHTTP(w, r.WithContext(principal.With(r.Context(), principal.Principal{Kind: kind})))
	return w
}

func TestBodiesOverTheLimitAreRefused(t *testing.T) {
	const limit = 100
	handler := echo(bodylimit.Limits{Each: limit, Anonymous: limit}, nil)
	exact := strings.Repeat("x", limit)
	w := send(handler, principal.User, strings.NewReader(exact))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, exact, w.Body.String())

	require.Equal(t, http.StatusRequestEntityTooLarge, send(handler, principal.User, strings.NewReader(exact+"x")).Code)
	undeclared := io.MultiReader(strings.NewReader(exact), strings.NewReader("x")) // no Content-Length
	w = send(handler, principal.User, undeclared)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), "BODY_TOO_LARGE")
}

func TestAStrangerHasLittleToSay(t *testing.T) {
	handler := echo(bodylimit.Limits{Each: 100, Anonymous: 10}, nil)
	require.Equal(t, http.StatusRequestEntityTooLarge, send(handler, principal.Anonymous, strings.NewReader("eleven bytes")).Code)
	require.Equal(t, http.StatusOK, send(handler, principal.User, strings.NewReader("eleven bytes")).Code)
}

func TestAllBodiesTogetherHaveABound(t *testing.T) {
	var second *httptest.ResponseRecorder
	var handler http.Handler
	handler = echo(bodylimit.Limits{Each: 100, Anonymous: 100, All: 40 << 10}, func() {
		if second == nil {
			second = httptest.NewRecorder()
			second = send(handler, principal.User, strings.NewReader("y"))
		}
	})
	require.Equal(t, http.StatusOK, send(handler, principal.User, strings.NewReader("x")).Code)
	require.Equal(t, http.StatusServiceUnavailable, second.Code)
	require.NotEmpty(t, second.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, send(handler, principal.User, strings.NewReader("x")).Code, "what ended takes nothing")
}

// Whichever limit is lower, a person reads that the file is too large.
func TestAFileThatIsTooLargeIsCalledThat(t *testing.T) {
	handler := echo(bodylimit.Limits{Each: 100, Anonymous: 10}, nil)
	for _, body := range []io.Reader{
		strings.NewReader(strings.Repeat("x", 101)),
		io.MultiReader(strings.NewReader(strings.Repeat("x", 101))), // no Content-Length
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/api/chat/attachments?name=a", body)
		r.Header.Set("Content-Type", "application/octet-stream")
		handler.ServeHTTP(w, r.WithContext(principal.With(r.Context(), principal.Principal{Kind: principal.User})))
		require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
		require.Contains(t, w.Body.String(), `"ATTACHMENT_TOO_LARGE"`)
		require.Contains(t, w.Body.String(), `"100"`)
	}
}
