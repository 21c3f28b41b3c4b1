package e2e

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// knock opens a connection to the door.
func (p *platform) knock(t *testing.T) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(2*time.Minute)))
	return c
}

// raw sends bytes as they are and gives all answers until the server closes.
func (p *platform) raw(t *testing.T, request string) (answers []answer) {
	t.Helper()
	c := p.knock(t)
	_, err := io.WriteString(c, request)
	require.NoError(t, err)
	return readAnswers(c)
}

func readAnswers(c net.Conn) (answers []answer) {
	in := bufio.NewReader(c)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers
		}
		body, _ := io.ReadAll(response.Body) // what is cut off is not there
		answers = append(answers, answer{response, body})
	}
}

func TestAttack14SmugglingIsRefused(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("smuggler")
	head := "Host: " + p.host() + "\r\nCookie: " + ada.cookie + "\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n"
	hidden := "GET /api/users/me HTTP/1.1\r\n" + head + "\r\n"
	for name, request := range map[string]string{
		"length and chunked":                "POST /api/chat/conversations HTTP/1.1\r\n" + head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two lengths":                       "POST /api/chat/conversations HTTP/1.1\r\n" + head + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
		"an odd encoding":                   "POST /api/chat/conversations HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"an underscore":                     "POST /api/chat/conversations HTTP/1.1\r\n" + head + "Content-Length: 0\r\nTransfer_Encoding: chunked\r\n\r\n",
		"a folded line":                     "GET /api/users/me HTTP/1.1\r\n" + head + "X-A: b\r\n c\r\n\r\n",
		"a bare line feed":                  "GET /api/users/me HTTP/1.1\r\n" + head + "X-A: b\nX-C: d\r\n\r\n",
		"a bare carriage return":            "GET /api/users/me HTTP/1.1\r\n" + head + "X-A: b\rX-C: d\r\n\r\n",
		"two hosts":                         "GET /api/users/me HTTP/1.1\r\nHost: evil.example\r\n" + head + "\r\n",
		"a host in the target":              "GET http://evil.example/api/users/me HTTP/1.1\r\n" + head + "\r\n",
		"the platform's host in the target": "GET http://" + p.host() + "/api/users/me HTTP/1.1\r\nHost: abc." + p.setting("ATRIUM_IDE_DOMAIN") + "\r\n\r\n",
		"a long address":                    "GET /" + strings.Repeat("a", 20_000) + " HTTP/1.1\r\n" + head + "\r\n",
		"a large header":                    "GET / HTTP/1.1\r\n" + head + "X-A: " + strings.Repeat("a", 70_000) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			answers := p.raw(t, request+hidden)
			require.Len(t, answers, 1, "what is hidden behind it is not served")
			require.Contains(t, []int{400, 413}, answers[0].StatusCode)
			require.Contains(t, []string{"REQUEST_MALFORMED", "HOST_AMBIGUOUS", "URL_TOO_LONG", "HEADER_TOO_LARGE"}, answers[0].reason())
			require.NotEmpty(t, answers[0].Header.Get("X-Request-Id"), "the refusal is in the log like any answer")
			require.NotContains(t, string(answers[0].body), "smuggler")
		})
	}
	answers := p.raw(t, hidden+"GET /api/users/me HTTP/1.1\r\nConnection: close\r\n"+head+"\r\n")
	require.Len(t, answers, 2, "the same without the trick is served")
	require.Equal(t, http.StatusOK, answers[1].StatusCode)
}

// slow is a gateway whose patience is short enough to be waited for.
func slow(t *testing.T) *platform {
	t.Helper()
	return attacked(t).secondGateway(t, "ATRIUM_HEADER_TIMEOUT=1s", "ATRIUM_CONNECTIONS_ADDRESS=60")
}

func TestAttack14SlowHeadersAreCut(t *testing.T) {
	p := slow(t)
	var held []net.Conn
	for range 50 {
		c := p.knock(t)
		_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+p.host()+"\r\nX-Slow: ")
		require.NoError(t, err)
		held = append(held, c)
	}
	go func() { // one byte now and then, as long as anybody reads
		for range 20 {
			time.Sleep(200 * time.Millisecond)
			for _, c := range held {
				_, _ = c.Write([]byte("a")) // the server may have closed
			}
		}
	}()
	require.Equal(t, http.StatusOK, p.browser(t).call("GET", "/healthz", nil).StatusCode, "others are served meanwhile")
	for _, c := range held {
		_, err := io.Copy(io.Discard, c)
		var network net.Error
		require.False(t, errors.As(err, &network) && network.Timeout(), "the server ends it")
	}
}

func TestAttack14SlowBodiesAreCut(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("ada14slow")
	for name, cookie := range map[string]string{"with a session": ada.cookie, "without": "a=b"} {
		t.Run(name, func(t *testing.T) {
			c := p.knock(t)
			_, err := io.WriteString(c, "POST /api/auth/login HTTP/1.1\r\nHost: "+p.host()+"\r\nCookie: "+cookie+
				"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{")
			require.NoError(t, err)
			done := make(chan struct{})
			defer close(done)
			go func() {
				for tick := time.NewTicker(500 * time.Millisecond); ; {
					select {
					case <-done:
						return
					case <-tick.C:
						_, _ = c.Write([]byte(" ")) // the server may have closed
					}
				}
			}()
			answers := readAnswers(c)
			require.Len(t, answers, 1)
			require.Equal(t, "BODY_TOO_SLOW", answers[0].reason(), "%s", answers[0].body)
		})
	}
}

func TestAttack48EndlessBodiesAreCutAtFlatMemory(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("ada48")
	memory := func() int {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.started["gatewayd"].Process.Pid))
		require.NoError(t, err)
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
		require.NoError(t, err)
		return kilobytes
	}
	conversation := ada.conversation()
	attack := func() {
		for _, path := range []string{"/api/ai/chat", "/api/chat/conversations/" + conversation + "/messages", "/api/auth/login"} {
			for range 5 {
				c := p.knock(t)
				_, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
					path, p.host(), ada.cookie)
				require.NoError(t, err)
				sent := make(chan int)
				go func() { // endless: until the server has had enough
					chunk := []byte("10000\r\n" + strings.Repeat(" ", 0x10000) + "\r\n")
					total := 0
					for {
						n, err := c.Write(chunk)
						if total += n; err != nil || total > 1<<30 {
							break
						}
					}
					sent <- total
				}()
				in := bufio.NewReader(c)
				response, err := http.ReadResponse(in, nil)
				require.NoError(t, err)
				body, _ := io.ReadAll(response.Body) // what is cut off is not there
				got := answer{response, body}
				require.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode, "%s", got.body)
				require.Equal(t, "BODY_TOO_LARGE", got.reason())
				require.NoError(t, c.Close())
				require.Less(t, <-sent, 64<<20, "it was cut soon")
			}
		}
	}
	attack() // after which what garbage may gather has gathered
	before := memory()
	attack()
	declared := ada.request("POST", "/api/ai/chat", io.LimitReader(zeros{}, 1<<40))
	declared.ContentLength = 1 << 40
	response, err := client.Do(declared)
	if err == nil { // the client may be writing when the server closes
		require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
		require.NoError(t, response.Body.Close())
	}
	require.Less(t, memory()-before, 100<<10, "kilobytes more than before")

	stranger := p.browser(t).call("POST", "/api/auth/login", object{"login": strings.Repeat("a", 70_000), "password": "x"})
	require.Equal(t, "BODY_TOO_LARGE", stranger.reason(), "a stranger has little to say")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// certificate makes a self-signed one for the platform's host.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"atrium.localhost", "*.ide.atrium.localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	return certFile, keyFile
}

func TestAttack14RapidResetEndsTheConnectionAndNobodyElses(t *testing.T) {
	cert, key := certificate(t)
	redirect := freePort(t)
	p := attacked(t).secondGateway(t, "ATRIUM_TLS_CERT="+cert, "ATRIUM_TLS_KEY="+key,
		fmt.Sprintf("ATRIUM_REDIRECT_LISTEN=127.0.0.1:%d", redirect))
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "atrium.localhost", NextProtos: []string{"h2"}}
	c := tls.Client(p.knock(t), config)
	require.NoError(t, c.HandshakeContext(t.Context()))
	require.Equal(t, "h2", c.ConnectionState().NegotiatedProtocol)
	_, err := io.WriteString(c, http2.ClientPreface)
	require.NoError(t, err)
	framer := http2.NewFramer(c, c)
	require.NoError(t, framer.WriteSettings())
	var block bytes.Buffer
	fields := hpack.NewEncoder(&block)
	go func() {
		for id := uint32(1); id < 200_000; id += 2 {
			block.Reset()
			for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", p.host()}, {":path", "/readyz"}} {
				_ = fields.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}) // memory doesn't fail
			}
			if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}) != nil ||
				framer.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
				return // the server has had enough
			}
		}
	}()
	var settings, away bool
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			break
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if most, ok := f.Value(http2.SettingMaxConcurrentStreams); ok {
				require.Equal(t, uint32(128), most)
				settings = true
			}
		case *http2.GoAwayFrame:
			require.Equal(t, http2.ErrCodeEnhanceYourCalm, f.ErrCode)
			away = true
		}
	}
	require.True(t, settings)
	require.True(t, away, "the server ends the connection by itself")

	visitor := &http.Client{
		Timeout: time.Minute, CheckRedirect: client.CheckRedirect,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "atrium.localhost"}, ForceAttemptHTTP2: true},
	}
	defer visitor.CloseIdleConnections()
	ask := func(url string) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		r.Host = p.host()
		response, err := visitor.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return answer{response, body}
	}
	got := ask(fmt.Sprintf("https://127.0.0.1:%d/api/openapi.json", p.port))
	require.Equal(t, http.StatusOK, got.StatusCode, "others are served")
	require.Equal(t, "HTTP/2.0", got.Proto)
	got = ask(fmt.Sprintf("http://127.0.0.1:%d/chat?x=1", redirect))
	require.Equal(t, http.StatusPermanentRedirect, got.StatusCode)
	require.Equal(t, "https://"+p.host()+"/chat?x=1", got.Header.Get("Location"))
}
