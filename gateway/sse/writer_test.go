package sse

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// source gives what a test sends.
type source struct{ messages chan string }

func (s source) Recv() (*string, error) {
	m, ok := <-s.messages
	if !ok {
		return nil, io.EOF
	}
	return &m, nil
}

func TestEventsCarryIDsAndSilenceIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorder := httptest.NewRecorder()
		out := start(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
		from := source{make(chan string)}
		go func() {
			from.messages <- "a"
			time.Sleep(heartbeat + time.Second)
			from.messages <- "b\nc"
			close(from.messages)
		}()
		seq := int64(0)
		err := each(t.Context(), out, from, func(m *string) error {
			seq++
			return out.event(seq, "delta", text(*m))
		})
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, "id: 1\nevent: delta\ndata: {\"text\":\"a\"}\n\n"+
			": still here\n\n"+
			"id: 2\nevent: delta\ndata: {\"text\":\"b\\nc\"}\n\n", recorder.Body.String())
		require.True(t, recorder.Flushed)
	})
}

func TestAGoneReaderEndsTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := start(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		ctx, cancel := context.WithCancelCause(t.Context())
		from := source{make(chan string)}
		defer close(from.messages)
		go cancel(errors.New("gone"))
		require.ErrorIs(t, each(ctx, out, from, func(*string) error { return nil }), context.Canceled)
	})
}

func TestLastEventID(t *testing.T) {
	for header, want := range map[string]int64{"": 0, "0": 0, "41": 41, "-1": -1, "x": -1, "1e3": -1, "99999999999999999999": -1} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if header != "" {
			r.Header.Set("Last-Event-ID", header)
		}
		got, ok := lastEventID(r)
		if want < 0 {
			require.False(t, ok, header)
			continue
		}
		require.True(t, ok, header)
		require.Equal(t, want, got, header)
	}
}
