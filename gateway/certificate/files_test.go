package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/certificate"
	"atrium.internal/gateway/wire"
)

// issue writes a self-signed certificate of that number.
func issue(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "atrium.test"}, DNSNames: []string{"atrium.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
}

// serve serves over TLS as the gateway does.
func serve(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", config)
}

func serveAt(t *testing.T, at string, config *tls.Config) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	require.NoError(t, err)
	limits := wire.Limits{HeaderTimeout: time.Minute, HeaderBytes: 8 << 10, URLBytes: 1 << 10}
	server := &http.Server{ConnState: wire.Watch, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto) // as the client finds
		if r.TLS == nil {
			panic("a handler must see that the request came over TLS")
		}
	})}
	ended := make(chan struct{})
	go func() {
		_ = server.Serve(wire.Wrap(listener, config, limits, slog.New(slog.DiscardHandler)))
		close(ended)
	}()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return listener.Addr().String()
}

// visit makes a request and tells what it saw.
func visit(t *testing.T, client *http.Client, address string) (serial int64, proto string, reused bool) {
	t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, "https://"+address+"/", nil)
	require.NoError(t, err)
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.TLS.PeerCertificates[0].SerialNumber.Int64(), string(body), reused
}

func browser(protocols func(*http.Protocols)) *http.Client {
	var p http.Protocols
	protocols(&p)
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		Protocols: &p, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "atrium.test"},
	}}
}

func TestAChangedCertificateIsServedWithoutDroppingConnections(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	issue(t, cert, key, 1)
	files := certificate.NewFiles(cert, key, "atrium.test", slog.New(slog.DiscardHandler))
	require.NoError(t, files.Start(t.Context()))
	defer func() { require.NoError(t, files.Stop(t.Context())) }()
	address := serve(t, files.Config())

	two := browser(func(p *http.Protocols) { p.SetHTTP2(true) })
	one := browser(func(p *http.Protocols) { p.SetHTTP1(true) })
	defer two.CloseIdleConnections()
	defer one.CloseIdleConnections()
	serial, proto, _ := visit(t, two, address)
	require.Equal(t, int64(1), serial)
	require.Equal(t, "HTTP/2.0", proto)
	_, proto, _ = visit(t, one, address)
	require.Equal(t, "HTTP/1.1", proto)

	require.NoError(t, os.WriteFile(cert, []byte("half a file"), 0o600))
	certificate.Look(files)
	serial, _, _ = visit(t, browser(func(p *http.Protocols) { p.SetHTTP1(true) }), address)
	require.Equal(t, int64(1), serial, "what can't be used changes nothing")

	issue(t, cert, key, 2)
	certificate.Look(files)
	for _, client := range []*http.Client{one, two} {
		serial, _, reused := visit(t, client, address)
		require.True(t, reused, "an open connection goes on")
		require.Equal(t, int64(1), serial)
		client.CloseIdleConnections()
		serial, _, _ = visit(t, client, address)
		require.Equal(t, int64(2), serial, "a new one has the new certificate")
	}
}

func TestFilesThatMakeNoCertificateAreAFaultAtTheStart(t *testing.T) {
	files := certificate.NewFiles("/nowhere.crt", "/nowhere.key", "atrium.test", slog.New(slog.DiscardHandler))
	require.Error(t, files.Start(t.Context()))
	require.NoError(t, files.Stop(t.Context()))
}

func TestOldTLSIsRefused(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	issue(t, cert, key, 1)
	files := certificate.NewFiles(cert, key, "atrium.test", slog.New(slog.DiscardHandler))
	require.NoError(t, files.Start(t.Context()))
	defer func() { require.NoError(t, files.Stop(t.Context())) }()
	address := serve(t, files.Config())
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		require.Equal(t, ok, err == nil, tls.VersionName(version))
		if err == nil {
			require.NoError(t, c.Close())
		}
	}
}
