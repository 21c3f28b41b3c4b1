package transport_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/provider/transport"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestRetryAfterReadsEveryForm(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"1.5":                           1500 * time.Millisecond,
		"Mon, 23 Nov 2026 03:00:30 GMT": 30 * time.Second,
		"Mon, 23 Nov 2026 02:00:00 GMT": 0,
		"-3":                            0,
		"NaN":                           0,
		"1e300":                         0,
		"soon":                          0,
	} {
		require.Equal(t, want, transport.RetryAfter(http.Header{"Retry-After": {value}}, now), value)
	}
	both := http.Header{"Retry-After": {"7"}, "Retry-After-Ms": {"250"}}
	require.Equal(t, 250*time.Millisecond, transport.RetryAfter(both, now))
}

func TestAKeyDoesNotFollowARedirect(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	provider := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer provider.Close()
	client := transport.NewClient(time.Second)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, provider.URL, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("x-api-key", "secret")
	resp, err := client.Do(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, transport.ErrRedirected)
	require.False(t, followed)
}
