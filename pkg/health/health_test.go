package health_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/health"
)

func TestReadyNamesEachDependency(t *testing.T) {
	var log strings.Builder
	var fault error
	stopping := false
	h := &health.Health{
		Log: slog.New(slog.NewTextHandler(&log, nil)),
		Checks: map[string]func(context.Context) error{
			"postgres": func(context.Context) error { return nil }, "redis": func(context.Context) error { return fault },
		},
		Stopping: func() bool { return stopping },
	}
	ask := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code, answer.Body.String()
	}
	requireReady := func(code int, body string) {
		got, text := ask("/readyz")
		require.Equal(t, code, got)
		require.JSONEq(t, body, text)
		got, _ = ask("/healthz")
		require.Equal(t, http.StatusOK, got, "it lives all the same")
	}
	h.Starting(true)
	requireReady(503, `{"ready": false, "status": "starting", "dependencies": {}}`)
	h.Starting(false)
	requireReady(200, `{"ready": true, "status": "serving", "dependencies": {"postgres": "ok", "redis": "ok"}}`)
	fault = errors.New("dial 10.0.0.7: refused")
	requireReady(503, `{"ready": false, "status": "serving", "dependencies": {"postgres": "ok", "redis": "down"}}`)
	require.Contains(t, log.String(), "10.0.0.7", "the cause is in the log")
	stopping = true
	requireReady(503, `{"ready": false, "status": "stopping", "dependencies": {}}`)
}
