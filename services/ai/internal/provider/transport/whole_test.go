package transport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// wrapped is a body as the SDKs give it, of which http.Transport does not know that
// it is in memory.
type wrapped struct{ io.ReadCloser }

// counted counts the pieces that are written.
type counted struct {
	net.Conn
	pieces *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.pieces.Add(1)
	return c.Conn.Write(p)
}

func TestARequestIsSentInOneGo(t *testing.T) {
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		question, err := io.ReadAll(r.Body)
		if err != nil || string(question) != "the question" {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer far.Close()
	var pieces atomic.Int64
	base := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return counted{conn, &pieces}, err
	}}
	defer base.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, far.URL, strings.NewReader("the question"))
	require.NoError(t, err)
	req.Body = wrapped{req.Body}
	resp, err := (&http.Client{Transport: whole{base}}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, int64(1), pieces.Load(), "the head does not go alone")
}
