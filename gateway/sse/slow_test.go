package sse

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

// novel is an answer of 20 MB, which counts what of it readers were given.
type novel struct {
	chatv1.ChatServiceClient
	taken atomic.Int64
}

const (
	chapters = 2500
	chapter  = 8 << 10
)

func (n *novel) StreamMessage(ctx context.Context, _ *chatv1.StreamMessageRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[chatv1.StreamMessageResponse], error) {
	return &reading{novel: n, ctx: ctx}, nil
}

type reading struct {
	grpc.ClientStream
	novel *novel
	ctx   context.Context //nolint:containedctx // a stream's, as gRPC has it
	seq   int64
}

func (r *reading) Header() (metadata.MD, error) { return metadata.MD{}, nil }

func (r *reading) Recv() (*chatv1.StreamMessageResponse, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if r.seq++; r.seq > chapters {
		return nil, io.EOF
	}
	r.novel.taken.Add(chapter)
	return &chatv1.StreamMessageResponse{Seq: r.seq, Event: &chatv1.StreamMessageResponse_Delta_{
		Delta: &chatv1.StreamMessageResponse_Delta{Text: strings.Repeat("x", chapter)},
	}}, nil
}

// Fault 21: readers who take next to nothing are given little more than that,
// and cost those who read nothing.
func TestSlowReadersAreNotReadAheadFor(t *testing.T) {
	const readers = 200 // the row has 500
	story := &novel{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{message}", Chat{Client: story}.Resume)
	server := httptest.NewServer(mux)
	defer server.Close()
	before := heap()
	small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	for range readers {
		conn, err := small.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /story HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 1)) // it has begun, and goes on no faster
		require.NoError(t, err)
	}
	var given int64
	require.Eventually(t, func() bool { // nothing more is put on the way
		last := given
		given = story.taken.Load()
		return given == last
	}, 30*time.Second, 500*time.Millisecond)
	require.Less(t, given/readers, int64(chapters*chapter/4), "of an answer of 20 MB")
	require.Less(t, (heap()-before)/readers, int64(256<<10), "bytes of memory for each")

	begin := time.Now()
	response, err := http.Get(server.URL + "/story")
	require.NoError(t, err)
	defer response.Body.Close()
	events, lines := 0, bufio.NewScanner(response.Body)
	for lines.Buffer(nil, 4*chapter); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "id: ") {
			events++
		}
	}
	require.NoError(t, lines.Err())
	require.Equal(t, chapters, events, "who reads gets all of it")
	require.Less(t, time.Since(begin), 20*time.Second)
	t.Logf("%d KiB given and %d KiB of memory for each of %d; all of it in %v beside them", given/readers>>10, (heap()-before)/readers>>10, readers, time.Since(begin))
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
