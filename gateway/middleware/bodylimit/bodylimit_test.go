package bodylimit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/middleware/bodylimit"
)

func TestBodiesOverTheLimitAreRefused(t *testing.T) {
	const limit = 100
	handler := bodylimit.Middleware(limit)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	serve := func(body io.Reader) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", body))
		return w
	}
	exact := strings.Repeat("x", limit)
	w := serve(strings.NewReader(exact))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, exact, w.Body.String())

	require.Equal(t, http.StatusRequestEntityTooLarge, serve(strings.NewReader(exact+"x")).Code)
	undeclared := io.MultiReader(strings.NewReader(exact), strings.NewReader("x")) // no Content-Length
	w = serve(undeclared)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), "BODY_TOO_LARGE")
}
