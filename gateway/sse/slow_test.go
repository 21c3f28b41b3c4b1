package sse

import (
	"bufio"
	"io"
	"log/slog"
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
	"google.golang.org/grpc/credentials/insecure"

	"atrium.internal/gateway/wire"
	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

// novel is a chat service whose every answer is one of 20 MB; it counts what of
// it readers were given.
type novel struct {
	chatv1.UnimplementedChatServiceServer
	taken atomic.Int64
}

const (
	chapters = 10_000
	chapter  = 2 << 10
)

func (n *novel) StreamMessage(_ *chatv1.StreamMessageRequest, to grpc.ServerStreamingServer[chatv1.StreamMessageResponse]) error {
	for seq := range int64(chapters) {
		err := to.Send(&chatv1.StreamMessageResponse{Seq: seq + 1, Event: &chatv1.StreamMessageResponse_Delta_{
			Delta: &chatv1.StreamMessageResponse_Delta{Text: strings.Repeat("x", chapter)},
		}})
		if err != nil {
			return err
		}
		n.taken.Add(chapter)
	}
	return nil
}

// told serves a chat service over the network, as replicas do.
func told(t *testing.T, service chatv1.ChatServiceServer) chatv1.ChatServiceClient {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	chatv1.RegisterChatServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpcx.Dial(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return chatv1.NewChatServiceClient(conn)
}

// Fault 21: readers who take next to nothing are given little more than that,
// and cost those who read nothing.
func TestSlowReadersAreNotReadAheadFor(t *testing.T) {
	const readers = 200 // the row has 500
	story := &novel{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{message}", Chat{Client: told(t, story)}.Resume)
	server := httptest.NewUnstartedServer(mux)
	server.Listener = wire.Wrap(server.Listener, nil, wire.Limits{HeaderTimeout: time.Minute, HeaderBytes: 64 << 10, URLBytes: 16 << 10}, slog.New(slog.DiscardHandler))
	server.Start()
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
	require.Less(t, given/readers, int64(1<<20), "of an answer of 20 MB")
	require.Less(t, (heap()-before)/readers, int64(512<<10), "bytes of memory for each, at both ends of the call")

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
