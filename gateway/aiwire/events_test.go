package aiwire_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/aiwire"
)

// counting counts the packets that a server writes.
type counting struct {
	net.Listener
	writes *atomic.Int64
}

func (l counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return counted{conn, l.writes}, err
}

type counted struct {
	net.Conn
	writes *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestTheLastEventsComeWithTheEnd(t *testing.T) {
	var writes atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out := aiwire.NewEvents(w)
		for _, send := range []func() error{
			func() error { return out.Send("", "first") }, out.Flush, func() error { return out.Raw("data: [DONE]\n\n") }, out.End, out.End,
		} {
			if err := send(); err != nil {
				t.Error(err)
			}
		}
	}))
	server.Listener = counting{server.Listener, &writes}
	server.Start()
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, http.NoBody)
	require.NoError(t, err)
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "data: \"first\"\n\ndata: [DONE]\n\n", string(body))
	require.Equal(t, int64(2), writes.Load(), "the end does not go alone")
}
