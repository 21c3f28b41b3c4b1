package directory

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
)

// TestThePageHasWhatItAsksFor: what the script that serves the editor adds to VS
// Code's own server.
func TestThePageHasWhatItAsksFor(t *testing.T) {
	needVSCode(t)
	d := newDriver(t, dataDir(t))
	s := conformance.Subject{Driver: d, Volumes: d.Store, Again: func(*testing.T) driver.Driver { return d }}
	h := conformance.Start(t, s, uuid.New(), uuid.New(), nil)
	client := &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.Dial(ctx, h) },
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(method, path string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, "http://workspace"+path, nil)
		require.NoError(t, err)
		response, err := client.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, string(body)
	}
	sent, _ := ask(http.MethodGet, "/?a=b")
	require.Equal(t, "./?a=b&folder="+h.Folder, sent.Header.Get("Location"), "to the project")
	for _, path := range []string{"/?folder=" + h.Folder, "/?ew=true"} {
		page, body := ask(http.MethodGet, path)
		require.Equal(t, http.StatusOK, page.StatusCode)
		require.Contains(t, body, "workbench")
	}
	worker, _ := ask(http.MethodGet, "/_static/out/browser/serviceWorker.js")
	require.Equal(t, "/", worker.Header.Get("Service-Worker-Allowed"))
	_, manifest := ask(http.MethodGet, "/manifest.json")
	require.Contains(t, manifest, `"name":"Atrium"`)
	for _, path := range []string{"/_static/../../../../../../etc/passwd", "/_static/%2e%2e/%2e%2e/compression/package.json", "/_static/nothing", "/proxy/22/", "//"} {
		refused, body := ask(http.MethodGet, path)
		require.GreaterOrEqual(t, refused.StatusCode, http.StatusBadRequest, path)
		require.NotContains(t, body, "root:")
	}
	_, key := ask(http.MethodPost, "/mint-key")
	_, again := ask(http.MethodPost, "/mint-key")
	require.Len(t, key, 32)
	require.Equal(t, key, again, "or the secrets of extensions would be lost")
}
