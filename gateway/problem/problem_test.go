package problem_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/problem"
)

func write(err error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), err)
	return w
}

func TestEveryKindHasItsStatus(t *testing.T) {
	for kind, want := range map[apperr.Kind]int{
		apperr.InvalidArgument: 400, apperr.Unauthenticated: 401, apperr.PermissionDenied: 403, apperr.NotFound: 404,
		apperr.Conflict: 409, apperr.PreconditionFailed: 412, apperr.TooLarge: 413, apperr.RateLimited: 429,
		apperr.QuotaExceeded: 429, apperr.Internal: 500, apperr.Unavailable: 503,
	} {
		w := write(apperr.New(kind, "REASON", "Words."))
		require.Equal(t, want, w.Code)
		require.Contains(t, w.Body.String(), `"reason":"REASON"`)
	}
}

func TestWaitingTimes(t *testing.T) {
	require.Equal(t, "8", write(apperr.New(apperr.RateLimited, "X", "x").WithRetryAfter(7100*time.Millisecond)).Header().Get("Retry-After"))
	require.NotEmpty(t, write(apperr.New(apperr.Unavailable, "X", "x")).Header().Get("Retry-After"))
	require.Empty(t, write(apperr.New(apperr.QuotaExceeded, "QUOTA_EXCEEDED", "x")).Header().Get("Retry-After"))
}

func TestUnknownErrorsTellNothing(t *testing.T) {
	for _, err := range []error{errors.New("hunter2"), status.Error(codes.Internal, "hunter2"), status.Error(codes.Unknown, "hunter2")} {
		w := write(err)
		require.Equal(t, 500, w.Code)
		require.NotContains(t, w.Body.String(), "hunter2")
	}
}

func TestUnreadableJSONIsExplained(t *testing.T) {
	w := write(status.Error(codes.InvalidArgument, "proto:\u00a0syntax error (line 1:2): unexpected token"))
	require.Equal(t, 400, w.Code)
	require.Contains(t, w.Body.String(), "line 1:2")
	require.NotContains(t, w.Body.String(), "proto:")
}
