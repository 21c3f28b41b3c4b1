package certificate_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log" //nolint:depguard // pebble takes no other
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/certificate"
)

// authority is an ACME authority that checks hosts at the given ports.
type authority struct {
	directory, caFile string
	roots             *x509.CertPool
}

func newAuthority(t *testing.T, httpPort, tlsPort int) authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	quiet := log.New(io.Discard, "", 0)
	resolver := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t))) // every name is this machine
	names, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{resolver}, Log: quiet})
	require.NoError(t, err)
	names.SetDefaultDNSIPv4("127.0.0.1")
	names.SetDefaultDNSIPv6("")
	go names.Run()
	t.Cleanup(names.Shutdown)
	store := db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	checker := va.New(quiet, httpPort, tlsPort, true, resolver, store)
	front := wfe.New(quiet, store, checker, issuer, []string{"pebble.test"}, true, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)

	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	roots := x509.NewCertPool()
	roots.AddCert(issuer.GetRootCert(0).Cert)
	return authority{directory: server.URL + wfe.DirectoryPath, caFile: file, roots: roots}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (a authority) source(t *testing.T, cache string, known func(context.Context, string) (bool, error)) *certificate.ACME {
	t.Helper()
	source := certificate.NewACME(certificate.ACMEConfig{
		Email: "admin@example.com", Directory: a.directory, CA: a.caFile, Cache: cache, Host: "atrium.test", Known: known,
	}, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { require.NoError(t, source.Stop(context.Background())) })
	return source
}

// handshake visits a host and gives its certificate, which must be the authority's.
func (a authority) handshake(t *testing.T, address, host string) (*x509.Certificate, error) {
	t.Helper()
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: time.Minute}, Config: &tls.Config{ServerName: host, RootCAs: a.roots}}
	c, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

func TestCertificatesComeForHostsThatAreServedAndNoOthers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the authority must know the port before the server is there
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	a := newAuthority(t, freePort(t), port)
	cache := filepath.Join(t.TempDir(), "cache")
	source := a.source(t, cache, func(_ context.Context, host string) (bool, error) { return host == "abc.ide.atrium.test", nil })
	address := serveAt(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), source.Config())
	require.NoError(t, source.Start(t.Context()))

	first, err := a.handshake(t, address, "atrium.test")
	require.NoError(t, err)
	source.Prepare("abc.ide.atrium.test")
	_, err = a.handshake(t, address, "abc.ide.atrium.test")
	require.NoError(t, err)
	for _, host := range []string{"xyz.ide.atrium.test", "evil.test"} {
		_, err = a.handshake(t, address, host)
		require.Error(t, err, host)
	}
	for _, host := range []string{"xyz.ide.atrium.test", "evil.test"} {
		require.NoFileExists(t, filepath.Join(cache, host))
	}

	again := a.source(t, cache, func(context.Context, string) (bool, error) { return false, nil })
	require.NoError(t, again.Start(t.Context()))
	kept, err := a.handshake(t, serveAt(t, "127.0.0.1:0", again.Config()), "atrium.test")
	require.NoError(t, err)
	require.Equal(t, first.SerialNumber, kept.SerialNumber, "a restart asks for no new one")
}

func TestTheAuthorityMayCheckOverPlainHTTP(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	a := newAuthority(t, plain.Addr().(*net.TCPAddr).Port, freePort(t)) // nothing is at the TLS port
	source := a.source(t, filepath.Join(t.TempDir(), "cache"), func(context.Context, string) (bool, error) { return false, nil })
	redirect := &http.Server{Handler: source.Challenges(http.NotFoundHandler()), ReadHeaderTimeout: time.Minute}
	go redirect.Serve(plain) //nolint:errcheck // ended by Close
	t.Cleanup(func() { _ = redirect.Close() })
	require.NoError(t, source.Start(t.Context()))
	_, err = a.handshake(t, serveAt(t, "127.0.0.1:0", source.Config()), "atrium.test")
	require.NoError(t, err)
}
