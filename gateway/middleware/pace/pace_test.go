package pace_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/middleware/pace"
)

func serve(t *testing.T, rate pace.Rate, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(pace.Middleware(rate)(h))
	t.Cleanup(server.Close)
	return server
}

// trickle sends a request whose body comes in parts, with pauses between them.
func trickle(t *testing.T, server *httptest.Server, length int, parts ...string) string {
	t.Helper()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "+strconv.Itoa(length)+"\r\n\r\n")
	require.NoError(t, err)
	answered := make(chan struct{})
	go func() {
		for _, part := range parts {
			_, _ = io.WriteString(c, part) // the server may have closed
			select {
			case <-answered: // more would have its kernel throw the answer away
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	from := bufio.NewReader(c)
	_, err = from.Peek(1)
	close(answered)
	require.NoError(t, err, "the server answers")
	answer, err := io.ReadAll(from)
	require.True(t, err == nil || errors.Is(err, syscall.ECONNRESET), "the server ends it: %v", err)
	return string(answer)
}

func read(w http.ResponseWriter, r *http.Request) {
	_, err := io.ReadAll(r.Body)
	if errors.Is(err, pace.ErrSlow) {
		w.WriteHeader(http.StatusRequestTimeout)
		return
	}
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
	}
}

func TestABodyMustComeAtItsRate(t *testing.T) {
	slow := serve(t, pace.Rate{BytesPerSecond: 1000, Grace: 300 * time.Millisecond}, read)
	require.Contains(t, trickle(t, slow, 20, strings.Split("aaaaaaaaaaaaaaaaaaaa", "")...), "408", "a byte now and then is not enough")
	require.Contains(t, trickle(t, slow, 20, "a"), "408", "nor is silence")
	require.Contains(t, trickle(t, slow, 20), "408", "nor silence from the start")
	fast := serve(t, pace.Rate{BytesPerSecond: 1, Grace: time.Minute}, read)
	require.Contains(t, trickle(t, fast, 3, "a", "a", "a"), "200")
}

// A deadline for the body must not end an answer that takes longer.
func TestTheDeadlineEndsWithTheBody(t *testing.T) {
	server := serve(t, pace.Rate{BytesPerSecond: 1000, Grace: 200 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		select {
		case <-time.After(600 * time.Millisecond):
		case <-r.Context().Done():
			w.WriteHeader(http.StatusTeapot)
		}
	})
	require.Contains(t, trickle(t, server, 2, "ab"), "200")
}

// What was fast at first may not be silent for long later.
func TestCreditIsNotSaved(t *testing.T) {
	server := serve(t, pace.Rate{BytesPerSecond: 1, Grace: 300 * time.Millisecond}, read)
	require.Contains(t, trickle(t, server, 90, strings.Repeat("a", 80)), "408")
}

func TestALargeAnswerArrivesWhole(t *testing.T) {
	body := strings.Repeat("0123456789", 50_000)
	server := serve(t, pace.Rate{BytesPerSecond: 1, Grace: time.Minute}, func(w http.ResponseWriter, _ *http.Request) {
		if n, err := io.WriteString(w, body); err != nil || n != len(body) {
			t.Error(n, err)
		}
	})
	response, err := http.Get(server.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, body, string(got))
}

// Who follows a stream and takes nothing of it is not waited for.
func TestAnAnswerThatNobodyTakesIsCut(t *testing.T) {
	cut := make(chan error, 1)
	server := serve(t, pace.Rate{BytesPerSecond: 1, Grace: time.Minute, Room: 200 * time.Millisecond}, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				cut <- err
				return
			}
		}
	})
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	select {
	case err := <-cut:
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	case <-time.After(time.Minute):
		t.Fatal("the server waits")
	}
}
