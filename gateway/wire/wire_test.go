package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/wire"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

var limits = wire.Limits{HeaderTimeout: time.Minute, HeaderBytes: 8 << 10, URLBytes: 1 << 10}

// house is a server behind the package, which counts what reaches it.
type house struct {
	address string
	reached *atomic.Int32
}

func serve(t *testing.T, limits wire.Limits) house {
	t.Helper()
	h := house{reached: &atomic.Int32{}}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.reached.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "the body is broken", http.StatusTeapot)
			return
		}
		_, _ = fmt.Fprintf(w, "%s %s %q", r.Method, r.URL.Path, body)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h.address = listener.Addr().String()
	server := &http.Server{Handler: wire.Middleware(limits)(echo), ConnState: wire.Watch, ReadHeaderTimeout: limits.HeaderTimeout}
	ended := make(chan struct{})
	go func() {
		_ = server.Serve(wire.Wrap(listener, nil, limits, slog.New(slog.DiscardHandler)))
		close(ended)
	}()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return h
}

// send writes raw bytes and gives every answer until the server closes.
func (h house) send(t *testing.T, raw string) (answers []string) {
	t.Helper()
	c, err := net.Dial("tcp", h.address)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(c, raw)
	require.NoError(t, err)
	_ = c.(*net.TCPConn).CloseWrite()
	in := bufio.NewReader(c)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers
		}
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		answers = append(answers, fmt.Sprintf("%d %s", response.StatusCode, body))
	}
}

const host = "Host: atrium.example\r\n"

func TestRequestsThatTwoReadersMayReadDifferently(t *testing.T) {
	h := serve(t, limits)
	hidden := "GET /hidden HTTP/1.1\r\n" + host + "\r\n"
	for name, raw := range map[string]string{
		"length and chunked":                  "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"chunked and length":                  "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":                         "POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + hidden,
		"a list of lengths":                   "POST / HTTP/1.1\r\n" + host + "Content-Length: 0, 0\r\n\r\n" + hidden,
		"a signed length":                     "POST / HTTP/1.1\r\n" + host + "Content-Length: +0\r\n\r\n" + hidden,
		"two encodings":                       "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"a list of encodings":                 "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + hidden,
		"another encoding":                    "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"an encoding for HTTP/1.0":            "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"an encoding after a tab":             "POST / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\tTransfer-Encoding: chunked\r\n\r\n" + hidden,
		"an underscore in the encoding":       "POST / HTTP/1.1\r\n" + host + "Transfer_Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + hidden,
		"an underscore in the length":         "POST / HTTP/1.1\r\n" + host + "Content_Length: 100\r\n\r\n" + hidden,
		"a space before the colon":            "POST / HTTP/1.1\r\n" + host + "Content-Length : 100\r\n\r\n" + hidden,
		"a folded line":                       "GET / HTTP/1.1\r\n" + host + "X-A: b\r\n c\r\n\r\n" + hidden,
		"a folded first line":                 "GET / HTTP/1.1\r\n X-A: b\r\n" + host + "\r\n" + hidden,
		"a bare line feed":                    "GET / HTTP/1.1\r\n" + host + "X-A: b\nX-B: c\r\n\r\n" + hidden,
		"bare line feeds alone":               "GET / HTTP/1.1\nHost: atrium.example\n\n" + hidden,
		"a bare carriage return":              "GET / HTTP/1.1\r\n" + host + "X-A: b\rX-B: c\r\n\r\n" + hidden,
		"a null byte":                         "GET / HTTP/1.1\r\n" + host + "X-A: b\x00c\r\n\r\n" + hidden,
		"no host":                             "GET / HTTP/1.1\r\n\r\n" + hidden,
		"two hosts":                           "GET / HTTP/1.1\r\n" + host + host + "\r\n" + hidden,
		"two hosts, one in lower case":        "GET / HTTP/1.1\r\n" + host + "host: evil.example\r\n\r\n" + hidden,
		"another host in the target":          "GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"a user in the target":                "GET http://a@atrium.example/ HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"another scheme in the target":        "GET file:///etc/passwd HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"a tunnel":                            "CONNECT evil.example:443 HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"another version":                     "GET / HTTP/1.2\r\n" + host + "\r\n" + hidden,
		"no version":                          "GET /\r\n" + host + "\r\n" + hidden,
		"a space in the target":               "GET /a b HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"HTTP/2 without TLS":                  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
		"an empty line before":                "\r\nGET / HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"an upgrade with a body":              "GET / HTTP/1.1\r\n" + host + "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello" + hidden,
		"a host that is the mark of ours":     "GET / HTTP/1.1\r\nHost: a b\r\nHost: c\r\n\r\n" + hidden,
		"an address that is too long":         "GET /" + strings.Repeat("a", 2000) + " HTTP/1.1\r\n" + host + "\r\n" + hidden,
		"a header that is too large":          "GET / HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 10_000) + "\r\n\r\n" + hidden,
		"a header that is too large, endless": "GET / HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			before := h.reached.Load()
			answers := h.send(t, raw)
			require.Len(t, answers, 1, "nothing after it is served")
			require.Regexp(t, `^4(00|13) \{"error":`, answers[0])
			require.Equal(t, before, h.reached.Load(), "no handler saw it")
		})
	}
}

func TestRequestsThatEverybodyReadsAlike(t *testing.T) {
	h := serve(t, limits)
	next := "GET /next HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"
	for name, c := range map[string]struct{ raw, want string }{
		"plain":               {"GET /a HTTP/1.1\r\n" + host + "\r\n", `200 GET /a ""`},
		"lower case":          {"GET /a HTTP/1.1\r\nhost:atrium.example\r\n\r\n", `200 GET /a ""`},
		"a length":            {"POST /a HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello", `200 POST /a "hello"`},
		"chunks":              {"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: Chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n", `200 POST /a "hello0123456789"`},
		"the same host twice": {"GET http://ATRIUM.example/a HTTP/1.1\r\n" + host + "\r\n", `200 GET /a ""`},
		"odd fields":          {"GET /a HTTP/1.1\r\n" + host + "X_Y: 1\r\nX-Empty:\r\n\r\n", `200 GET /a ""`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{c.want, `200 GET /next ""`}, h.send(t, c.raw+next))
		})
	}
}

func TestChunksThatAreNotWellFormed(t *testing.T) {
	h := serve(t, limits)
	hidden := "GET /hidden HTTP/1.1\r\n" + host + "\r\n"
	for name, body := range map[string]string{
		"a bare line feed":          "5\nhello\r\n0\r\n\r\n",
		"a line feed after data":    "5\r\nhello\n0\r\n\r\n",
		"a size with a sign":        "+5\r\nhello\r\n0\r\n\r\n",
		"a size of another base":    "0x5\r\nhello\r\n0\r\n\r\n",
		"more than the size":        "5\r\nhello!\r\n0\r\n\r\n",
		"a size that overflows":     "10000000000000005\r\nhello\r\n0\r\n\r\n",
		"an endless extension":      "5;" + strings.Repeat("a", 1000) + "\r\nhello\r\n0\r\n\r\n",
		"a folded trailer":          "0\r\nX-A: b\r\n c\r\n\r\n",
		"a bare line feed at trail": "0\r\nX-A: b\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			answers := h.send(t, "POST / HTTP/1.1\r\n"+host+"Transfer-Encoding: chunked\r\n\r\n"+body+hidden)
			require.LessOrEqual(t, len(answers), 1)
			for _, answer := range answers {
				require.Equal(t, "418 the body is broken\n", answer)
			}
		})
	}
}

func TestAfterARefusedUpgradeNothingMoreIsRead(t *testing.T) {
	h := serve(t, limits)
	answers := h.send(t, "GET /a HTTP/1.1\r\n"+host+"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"+
		"POST /b HTTP/1.1\r\n"+host+"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	require.Len(t, answers, 1)
	require.Equal(t, int32(1), h.reached.Load())
}

func TestBytesMayComeOneByOne(t *testing.T) {
	h := serve(t, limits)
	c, err := net.Dial("tcp", h.address)
	require.NoError(t, err)
	defer c.Close()
	raw := "POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /b HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n"
	go func() {
		for i := range len(raw) {
			_, _ = c.Write([]byte{raw[i]}) // what is missing shows in the answers
		}
	}()
	answers, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Contains(t, string(answers), `POST /a "hello"`)
	require.Contains(t, string(answers), `GET /b ""`)
}

func TestASlowHeadIsCutOnAKeptConnectionToo(t *testing.T) {
	brief := limits
	brief.HeaderTimeout = 300 * time.Millisecond
	h := serve(t, brief)
	for name, before := range map[string]string{"new": "", "kept": "GET /a HTTP/1.1\r\n" + host + "\r\n"} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", h.address)
			require.NoError(t, err)
			defer c.Close()
			_, err = io.WriteString(c, before+"GET /b HTTP/1.1\r\nX-Slow")
			require.NoError(t, err)
			require.NoError(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
			answers, err := io.ReadAll(c)
			require.NoError(t, err, "the server closes, and not the deadline")
			require.NotContains(t, string(answers), "/b")
		})
	}
}

func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	few := limits
	few.PerAddress = 2
	h := serve(t, few)
	var held []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", h.address)
		require.NoError(t, err)
		_, err = io.WriteString(c, "GET /a HTTP/1.1\r\n"+host+"\r\n")
		require.NoError(t, err)
		_, err = http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		held = append(held, c)
	}
	refused := h.send(t, "GET /b HTTP/1.1\r\n"+host+"\r\n")
	require.Len(t, refused, 1)
	require.Contains(t, refused[0], "TOO_MANY_CONNECTIONS")
	require.Equal(t, int32(2), h.reached.Load())
	for _, c := range held {
		require.NoError(t, c.Close())
	}
	require.Eventually(t, func() bool {
		answers := h.send(t, "GET /c HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
		return len(answers) == 1 && strings.HasPrefix(answers[0], "200")
	}, 10*time.Second, 20*time.Millisecond, "closed connections give their place back")
}

// HTTP/2 requests come to the middleware without having passed a head.
func TestWhatHTTP2CanStillSay(t *testing.T) {
	handler := wire.Middleware(limits)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"plain":            {func(*http.Request) {}, 200},
		"the same host":    {func(r *http.Request) { r.Header.Set("Host", "Atrium.example") }, 200},
		"another host":     {func(r *http.Request) { r.Header.Set("Host", "evil.example") }, 400},
		"an underscore":    {func(r *http.Request) { r.Header.Set("Content_Length", "5") }, 400},
		"a long address":   {func(r *http.Request) { r.RequestURI = "/" + strings.Repeat("a", 2000) }, 413},
		"a tunnel":         {func(r *http.Request) { r.Method = "CONNECT" }, 400},
		"our mark, forged": {func(r *http.Request) { r.Header.Set("X-Atrium-Refused", "guess form") }, 200},
		"our mark, empty":  {func(r *http.Request) { r.Header.Set("X-Atrium-Refused", " form") }, 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "https://atrium.example/a", nil)
			c.change(r)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Equal(t, c.want, w.Code)
		})
	}
}

func FuzzAHeadIsReadAsNetHTTPDoes(f *testing.F) {
	f.Add("GET /a HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\n")
	f.Add("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n")
	f.Fuzz(func(t *testing.T, head string) {
		if strings.Index(head, "\r\n\r\n") != len(head)-4 || strings.Contains(head, "\n\n") {
			t.Skip()
		}
		length, chunked, ok := wire.Framing([]byte(head))
		if !ok {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil {
			return // net/http refuses even more
		}
		require.Equal(t, chunked, len(r.TransferEncoding) == 1, "%q", head)
		if !chunked {
			require.Equal(t, max(r.ContentLength, 0), length, "%q", head)
		}
	})
}
