package gateway_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway"
	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/tunnel"
)

// oneKey signs with one key, as long as it is asked.
type oneKey struct{ ed25519.PrivateKey }

func (k oneKey) Signing(time.Time) (key ed25519.PrivateKey, id string) {
	return k.PrivateKey, identity.KeyID(k.Public().(ed25519.PublicKey))
}

// The gateway says apart from the ide service whether workspaces' byte streams
// can be had, which another address serves, or the one after it.
func TestReadinessNamesTheByteStreams(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	verifier := identity.NewVerifier(public, "ide", nil)
	streams := httptest.NewServer(tunnel.Handler(func(_ context.Context, token, target string) (net.Conn, error) {
		if _, err := verifier.Verify(token); err != nil {
			return nil, err
		}
		return nil, apperr.New(apperr.NotFound, "WORKSPACE_NOT_FOUND", target)
	}, &drain.Drain{}, slog.New(slog.DiscardHandler)))
	defer streams.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	all := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer all.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	_, stranger, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)

	for name, c := range map[string]struct {
		server *httptest.Server
		key    ed25519.PrivateKey
		want   string
		code   int
	}{
		"there":                  {streams, private, "ok", http.StatusOK},
		"away":                   {gone, private, "down", http.StatusServiceUnavailable},
		"something else":         {other, private, "down", http.StatusServiceUnavailable},
		"something that lets in": {all, private, "down", http.StatusServiceUnavailable},
		"does not believe us":    {streams, stranger, "down", http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			_, door := newDoor(t, gateway.Deps{Identity: oneKey{c.key}, WorkspaceAddresses: []string{gone.Listener.Addr().String(), c.server.Listener.Addr().String()}})
			w := httptest.NewRecorder()
			door.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/readyz", nil))
			var said struct{ Dependencies map[string]string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &said))
			require.Equal(t, map[string]string{"ide streams": c.want}, said.Dependencies)
			require.Equal(t, c.code, w.Code)
		})
	}
}

func TestWithoutAnAddressForByteStreamsTheyAreDown(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, door := newDoor(t, gateway.Deps{Identity: oneKey{private}})
	w := httptest.NewRecorder()
	door.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/readyz", nil))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), `"ide streams":"down"`)
}
