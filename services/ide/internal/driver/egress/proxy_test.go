package egress

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inside is a client in a sandbox whose way out is a gate's.
type inside struct {
	path string
	http *http.Client
}

func open(t *testing.T, policy Policy, platform string) (*Gate, inside) {
	t.Helper()
	return openAt(t, policy, platform, "")
}

// openAt has the platform answer at another address than its public one.
func openAt(t *testing.T, policy Policy, platform, address string) (*Gate, inside) {
	t.Helper()
	u, err := url.Parse(platform)
	require.NoError(t, err)
	gate := NewGate(policy, Platform{URL: u, Address: address}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { require.NoError(t, gate.Close()) })
	dir, err := os.MkdirTemp("/tmp", "egress-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, "proxy.sock")
	require.NoError(t, gate.Open(uuid.New(), path, os.Geteuid()))
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	transport := &http.Transport{DialContext: dial, Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy"}), DisableKeepAlives: true}
	return gate, inside{path, &http.Client{Transport: transport}}
}

// raw sends lines as they are and gives the answer.
func (i inside) raw(t *testing.T, lines ...string) string {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", i.path)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return fmt.Sprint(response.StatusCode, " ", string(body))
}

// elsewhere is this machine's address, taken for somebody else's.
func elsewhere(t *testing.T) netip.Addr {
	t.Helper()
	all, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return netip.MustParseAddr(n.IP.String())
		}
	}
	t.Skip("SKIPPED: this machine has no address but loopback")
	return netip.Addr{}
}

func serve(t *testing.T, address string, secure bool, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(handler)
	s.Listener.Close()
	s.Listener = listener
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func TestThePlatformIsReachedByItsPublicAddressOnly(t *testing.T) {
	t.Parallel()
	gateway := serve(t, "127.0.0.1", false, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s%s", r.Method, r.Host, r.URL, r.Header.Get("X-Forwarded-For"))
	})
	_, port, err := net.SplitHostPort(gateway.Listener.Addr().String())
	require.NoError(t, err)
	public := "atrium.localhost:" + port
	_, in := open(t, Policy{Internet: true}, "http://"+public)

	require.Equal(t, "200 GET "+public+" /api/x?y=1", in.raw(t, "GET /api/x?y=1 HTTP/1.1", "Host: label.ide.atrium.localhost:"+port, "X-Forwarded-For: 6.6.6.6", "Connection: close"))
	require.Equal(t, "200 GET "+public+" /a", in.raw(t, "GET http://"+public+"/a HTTP/1.1", "Host: label.ide."+public, "Connection: close"), "the address counts, not the header")
	for _, other := range []string{"127.0.0.1:" + port, "localhost:" + port, "label.ide." + public, "[::ffff:127.0.0.1]:" + port} {
		require.NotContains(t, in.raw(t, "GET http://"+other+"/ HTTP/1.1", "Host: "+other, "Connection: close"), "200 ", other)
		require.NotContains(t, in.raw(t, "CONNECT "+other+" HTTP/1.1", "Host: "+other, "Connection: close"), "200 ", other)
	}
	require.Contains(t, in.raw(t, "GET ftp://example.com/ HTTP/1.1", "Host: example.com", "Connection: close"), "400 ")
}

func TestServersAreReachedAndRedirectsLeadNowhereInside(t *testing.T) {
	t.Parallel()
	mine := elsewhere(t)
	secret := serve(t, "127.0.0.1", false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") })
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, secret.URL, http.StatusFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", body, r.Header.Get("Proxy-Authorization"))
	}
	plain, secure := serve(t, mine.String(), false, handler), serve(t, mine.String(), true, handler)
	policy := Policy{Own: own(), Allow: []netip.Prefix{netip.PrefixFrom(mine, 32)}}
	gate, in := open(t, policy, "http://atrium.localhost:1")
	in.http.Transport.(*http.Transport).TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	in.http.Transport.(*http.Transport).TLSClientConfig.ServerName = "example.com" // as in httptest's certificate
	for _, server := range []string{plain.URL, secure.URL} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server, strings.NewReader("hello"))
		require.NoError(t, err)
		request.Header.Set("Proxy-Authorization", "mine")
		response, err := in.http.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		if server == plain.URL {
			require.Equal(t, "hello ", string(body), "what is for the proxy stays there")
		} else {
			require.Contains(t, string(body), "hello")
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, plain.URL+"/redirect", http.NoBody)
	require.NoError(t, err)
	response, err := in.http.Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusForbidden, response.StatusCode, "%s", body)
	require.Contains(t, string(body), "the machine's own address")

	// Tunnels end with the gate.
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", in.path)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: x\r\n\r\n", plain.Listener.Addr())
	require.NoError(t, err)
	status, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 200 ")
	require.NoError(t, gate.Close())
	_, err = io.ReadAll(conn)
	require.NoError(t, err)
	require.Error(t, gate.Open(uuid.New(), in.path, os.Geteuid()), "a closed gate stays closed")
}

func TestASocketOfAnEarlierProcessIsReplaced(t *testing.T) {
	t.Parallel()
	gate, in := open(t, Policy{}, "http://atrium.localhost:1")
	other := NewGate(Policy{}, Platform{URL: &url.URL{Scheme: "http", Host: "atrium.localhost:1"}}, slog.New(slog.DiscardHandler))
	workspace := uuid.New()
	require.NoError(t, other.Open(workspace, in.path, os.Geteuid()))
	require.NoError(t, other.Open(workspace, in.path, os.Geteuid()), "a second time is nothing new")
	require.NoError(t, gate.Close())
	require.Contains(t, in.raw(t, "CONNECT 10.0.0.1:80 HTTP/1.1", "Host: x", "Connection: close"), "403 ", "the later one serves")
	other.Shut(workspace)
	_, err := (&net.Dialer{}).DialContext(t.Context(), "unix", in.path)
	require.Error(t, err)
	require.NoError(t, other.Close())
}

func TestThePlatformIsReachedWhereTheOperatorSays(t *testing.T) {
	t.Parallel()
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s%s", r.Host, r.URL.Path)
	}))
	defer platform.Close()
	_, in := openAt(t, Policy{}, "http://atrium.example:8080", platform.Listener.Addr().String())
	require.Equal(t, "200 atrium.example:8080/api", in.raw(t, "GET /api HTTP/1.1", "Host: 127.0.0.1:3128", "Connection: close"))
	require.Equal(t, "200 atrium.example:8080/page", in.raw(t, "GET http://atrium.example:8080/page HTTP/1.1", "Host: x", "Connection: close"))
	require.Contains(t, in.raw(t, "GET http://"+platform.Listener.Addr().String()+"/ HTTP/1.1", "Host: x", "Connection: close"), "403 ",
		"by its own address it is one of the machine's like others")
}
