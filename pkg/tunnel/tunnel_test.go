package tunnel_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/tunnel"
)

func TestMain(m *testing.M) { leak.Main(m) }

// serve starts a tunnel server and gives its address.
func serve(t *testing.T, open tunnel.Open) string {
	t.Helper()
	return serveUntil(t, &drain.Drain{}, open)
}

// serveUntil is serve for a process that may leave.
func serveUntil(t *testing.T, leaving *drain.Drain, open tunnel.Open) string {
	t.Helper()
	server := httptest.NewServer(tunnel.Handler(open, leaving, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// upper answers everything it reads in capitals, and closes when the reader does.
func upper(far net.Conn) {
	defer far.Close()
	buffer := make([]byte, 1024)
	for {
		n, err := far.Read(buffer)
		if n > 0 {
			if _, err := far.Write([]byte(strings.ToUpper(string(buffer[:n])))); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func TestBytesPassBothWays(t *testing.T) {
	address := serve(t, func(_ context.Context, token, target string) (net.Conn, error) {
		require.Equal(t, "secret", token)
		require.Equal(t, "some-target:1", target)
		near, far := net.Pipe()
		go upper(far)
		return near, nil
	})
	conn, err := tunnel.Dial(t.Context(), address, nil, "secret", "some-target:1")
	require.NoError(t, err)
	defer conn.Close()
	for _, word := range []string{"hello", "again"} {
		_, err = conn.Write([]byte(word))
		require.NoError(t, err)
		answer := make([]byte, len(word))
		_, err = io.ReadFull(conn, answer)
		require.NoError(t, err)
		require.Equal(t, strings.ToUpper(word), string(answer))
	}
}

func TestAProcessThatLeavesClosesTunnelsBetweenAnswers(t *testing.T) {
	leaving, far := &drain.Drain{}, make(chan net.Conn, 2)
	address := serveUntil(t, leaving, func(context.Context, string, string) (net.Conn, error) {
		near, other := net.Pipe()
		far <- other
		return near, nil
	})
	open := func() (near, other net.Conn) {
		conn, err := tunnel.Dial(t.Context(), address, nil, "secret", "some-target:1")
		require.NoError(t, err)
		return conn, <-far
	}
	still, _ := open()
	defer still.Close()
	busy, answering := open()
	defer busy.Close()

	const pieces = 40
	go func() { // longer than a tunnel is quiet
		for range pieces {
			_, _ = answering.Write([]byte("x")) // the test sees what comes
			time.Sleep(20 * time.Millisecond)
		}
	}()
	_, err := io.ReadFull(busy, make([]byte, 1))
	require.NoError(t, err)
	begin := time.Now()
	leaving.Leave()
	require.NoError(t, still.SetReadDeadline(begin.Add(10*time.Second)))
	_, err = still.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	rest, err := io.ReadAll(busy)
	require.NoError(t, err)
	require.Len(t, rest, pieces-1, "what was under way is whole")
	patient, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.Zero(t, leaving.Wait(patient), "nothing is left open")
}

func TestRefusalKeepsItsReason(t *testing.T) {
	refused := apperr.New(apperr.Conflict, "WORKSPACE_NOT_RUNNING", "The workspace is stopped.")
	address := serve(t, func(context.Context, string, string) (net.Conn, error) { return nil, refused })
	_, err := tunnel.Dial(t.Context(), address, nil, "", "x:1")
	require.ErrorIs(t, err, refused)
	require.Equal(t, apperr.Conflict, apperr.From(err).Kind)
}

func TestUnknownErrorsTellNothing(t *testing.T) {
	address := serve(t, func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("dial /secret/path: refused")
	})
	_, err := tunnel.Dial(t.Context(), address, nil, "", "x:1")
	require.Equal(t, apperr.Unavailable, apperr.From(err).Kind)
	require.NotContains(t, err.Error(), "secret")
}

func TestOnlyConnectIsServed(t *testing.T) {
	address := serve(t, func(context.Context, string, string) (net.Conn, error) {
		t.Error("opened")
		return nil, io.EOF
	})
	response, err := http.Get("http://" + address + "/")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}
