package accesslog

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSecretsOfLinksAreNotLogged(t *testing.T) {
	var logs bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := Middleware(log)(http.NotFoundHandler())
	for _, path := range []string{"/share/s3cret", "//share//s3cret", "/share/s3cret/more", "/x/../share/%733cret", "/api/chat/shared/s3cret", "/api/chat/shared/s3cret?a=s3cret"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://atrium.example"+path, nil))
	}
	require.NotContains(t, logs.String(), "s3cret")
	require.Contains(t, logs.String(), "/api/chat/shared/…")
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/chat/conversations/7", nil))
	require.Contains(t, logs.String(), "path=/api/chat/conversations/7 ")
}
