package transport_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/provider/transport"
)

func TestEventsAreReadInWhateverPiecesTheyCome(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	text := ": wake\n\nevent: a\ndata: one\n\ndata:two\ndata:  three\r\n\r\nid: 7\n\ndata: " + long + "\n\ndata: torn"
	for name, body := range map[string]io.Reader{
		"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
	} {
		events := transport.NewEvents(body)
		var got []string
		for events.Next() {
			got = append(got, string(events.Data()))
		}
		require.NoError(t, events.Err(), name)
		require.Equal(t, []string{"one", "two\n three", long}, got, name)
	}
	events := transport.NewEvents(io.MultiReader(strings.NewReader("data: a\n\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	require.True(t, events.Next())
	require.False(t, events.Next())
	require.ErrorIs(t, events.Err(), io.ErrUnexpectedEOF)
}

func TestMoreIsWhatNeedsNoWait(t *testing.T) {
	from, to := io.Pipe()
	defer from.Close()
	events := transport.NewEvents(from)
	go func() {
		_, _ = to.Write([]byte("data: a\n\ndata: b\r\n\r\ndata: c\n")) // ends with the pipe
		_, _ = to.Write([]byte("\n"))
	}()
	for _, more := range []bool{true, false} {
		require.True(t, events.Next())
		require.Equal(t, more, events.More(), string(events.Data()))
	}
	require.True(t, events.Next())
	require.Equal(t, "c", string(events.Data()))
}
