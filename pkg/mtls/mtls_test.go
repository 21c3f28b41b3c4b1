package mtls_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/mtls"
	"atrium.internal/pkg/mtls/authority"
	"atrium.internal/pkg/reload"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

var quiet = slog.New(slog.DiscardHandler)

// certificates makes a folder of them for the services.
func certificates(t *testing.T, domain string, services ...string) string {
	t.Helper()
	dir := t.TempDir()
	_, err := authority.Renew(authority.Options{Dir: dir, TrustDomain: domain, Services: services, Lifetime: time.Hour}, time.Now())
	require.NoError(t, err)
	return dir
}

func settings(dir, service string) mtls.Settings {
	file := func(name string) string { return filepath.Join(dir, service, name) }
	return mtls.Settings{Cert: file("cert.pem"), Key: file("key.pem"), CA: file("ca.pem"), TrustDomain: "atrium"}
}

func open(t *testing.T, dir, service string) *mtls.Endpoint {
	t.Helper()
	e, err := mtls.Open(settings(dir, service), service, quiet)
	require.NoError(t, err)
	require.NotNil(t, e)
	return e
}

// service answers with the name of who calls, in place of a health status.
type service struct {
	grpc_health_v1.UnimplementedHealthServer
	called chan string
}

func (s service) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	p, _ := peer.FromContext(ctx)
	s.called <- p.AuthInfo.(grpcx.CallerInfo).CallingService()
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

// serve runs the endpoint's gRPC server.
func serve(t *testing.T, e *mtls.Endpoint) (address string, called chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(e.ServerOptions()...)
	called = make(chan string, 1)
	grpc_health_v1.RegisterHealthServer(server, service{called: called})
	go server.Serve(listener) //nolint:errcheck // ended by Stop
	t.Cleanup(server.Stop)
	return listener.Addr().String(), called
}

func call(t *testing.T, address string, option grpc.DialOption) error {
	t.Helper()
	conn, err := grpc.NewClient(address, option)
	require.NoError(t, err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return err
}

func TestServicesKnowEachOther(t *testing.T) {
	dir := certificates(t, "atrium", "gateway", "chat", "auth")
	address, called := serve(t, open(t, dir, "auth"))
	for _, name := range []string{"gateway", "chat"} {
		require.NoError(t, call(t, address, open(t, dir, name).Dial("auth")))
		require.Equal(t, name, <-called)
	}
	require.ErrorContains(t, call(t, address, open(t, dir, "gateway").Dial("chat")), "chat",
		"a client that wants chat does not talk to auth")
}

func TestStrangersAreRefused(t *testing.T) {
	dir, foreign := certificates(t, "atrium", "gateway", "auth"), certificates(t, "atrium", "gateway", "auth")
	address, called := serve(t, open(t, dir, "auth"))
	config := func(change func(*tls.Config)) grpc.DialOption {
		c := open(t, dir, "gateway").Client("auth")
		c.VerifyConnection = nil
		change(c)
		return grpc.WithTransportCredentials(credentials.NewTLS(c))
	}
	strangers := open(t, foreign, "gateway").Client("auth").Certificates
	for name, option := range map[string]grpc.DialOption{
		"plain TCP":                     grpc.WithTransportCredentials(insecure.NewCredentials()),
		"no certificate":                config(func(c *tls.Config) { c.Certificates = nil }),
		"another authority's":           config(func(c *tls.Config) { c.Certificates = strangers }),
		"TLS 1.2":                       config(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }),
		"a server of another authority": open(t, foreign, "gateway").Dial("auth"),
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, call(t, address, option))
			require.Empty(t, called)
		})
	}
	require.NoError(t, call(t, address, config(func(*tls.Config) {})), "it is what is changed that is refused")
}

// The same authority may serve several deployments; the trust domain tells them
// apart.
func TestAnotherTrustDomainOfTheSameAuthorityIsRefused(t *testing.T) {
	dir := certificates(t, "atrium", "auth")
	_, err := authority.Renew(authority.Options{Dir: dir, TrustDomain: "staging", Services: []string{"gateway"}, Lifetime: time.Hour}, time.Now())
	require.NoError(t, err)
	address, called := serve(t, open(t, dir, "auth"))
	s := settings(dir, "gateway")
	s.TrustDomain = "staging"
	staging, err := mtls.Open(s, "gateway", quiet)
	require.NoError(t, err)
	c := staging.Client("auth")
	c.VerifyConnection = nil
	require.Error(t, call(t, address, grpc.WithTransportCredentials(credentials.NewTLS(c))))
	require.Empty(t, called)
}

func TestByteStreamsAreForTheNamedOnly(t *testing.T) {
	dir := certificates(t, "atrium", "gateway", "chat", "ide")
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener := open(t, dir, "ide").Listener(inner, "gateway")
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("hello"))
			_ = conn.Close()
		}
	}()
	read := func(name string) (string, error) {
		conn, err := tls.Dial("tcp", inner.Addr().String(), open(t, dir, name).Client("ide"))
		if err != nil {
			return "", err
		}
		defer conn.Close()
		text, err := io.ReadAll(conn)
		return string(text), err
	}
	text, err := read("gateway")
	require.NoError(t, err)
	require.Equal(t, "hello", text)
	text, err = read("chat")
	require.Error(t, err)
	require.Empty(t, text)
}

func TestNewCertificatesAreTakenUp(t *testing.T) {
	dir := certificates(t, "atrium", "gateway", "auth")
	auth, gateway := open(t, dir, "auth"), open(t, dir, "gateway")
	address, called := serve(t, auth)
	require.NoError(t, call(t, address, gateway.Dial("auth")))
	<-called

	// All of another authority, as after the loss of the first.
	next := certificates(t, "atrium", "gateway", "auth")
	for _, name := range []string{"gateway", "auth"} {
		for _, file := range []string{"ca.pem", "cert.pem", "key.pem"} {
			require.NoError(t, os.Rename(filepath.Join(next, name, file), filepath.Join(dir, name, file)))
		}
	}
	time.Sleep(reload.Every + 100*time.Millisecond) // both look again after this
	require.NoError(t, call(t, address, gateway.Dial("auth")))
	require.Equal(t, "gateway", <-called)
}

func TestSettingsThatCanNotWorkAreNamed(t *testing.T) {
	dir, foreign := certificates(t, "atrium", "auth", "chat"), certificates(t, "atrium", "auth")
	for name, tc := range map[string]struct {
		change func(*mtls.Settings)
		want   string
	}{
		"no certificate":      {func(s *mtls.Settings) { s.Cert = "" }, "ATRIUM_SERVICE_CERT: needed"},
		"no key":              {func(s *mtls.Settings) { s.Key = "" }, "ATRIUM_SERVICE_KEY: needed"},
		"no authority":        {func(s *mtls.Settings) { s.CA = "" }, "ATRIUM_SERVICE_CA: needed"},
		"no trust domain":     {func(s *mtls.Settings) { s.TrustDomain = "" }, "ATRIUM_SERVICE_TRUST_DOMAIN"},
		"another's":           {func(s *mtls.Settings) { *s = settings(dir, "chat") }, `is the certificate of "chat", this is "auth"`},
		"another's key":       {func(s *mtls.Settings) { s.Key = settings(dir, "chat").Key }, "ATRIUM_SERVICE_KEY"},
		"another authority":   {func(s *mtls.Settings) { s.CA = settings(foreign, "auth").CA }, "ATRIUM_SERVICE_CERT"},
		"an authority's key":  {func(s *mtls.Settings) { s.CA = s.Key }, "ATRIUM_SERVICE_CA"},
		"another domain":      {func(s *mtls.Settings) { s.TrustDomain = "other" }, `no service of the trust domain "other"`},
		"a file that is away": {func(s *mtls.Settings) { s.Cert += ".gone" }, "cert.pem.gone"},
		"a folder":            {func(s *mtls.Settings) { s.CA = filepath.Dir(s.CA) }, "three files"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings(dir, "auth")
			tc.change(&s)
			_, err := mtls.Open(s, "auth", quiet)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestWithoutSettingsConnectionsAreInTheClear(t *testing.T) {
	off, err := mtls.Open(mtls.Settings{TrustDomain: "atrium"}, "auth", quiet)
	require.NoError(t, err)
	require.Nil(t, off)
	require.Empty(t, off.ServerOptions())
	require.Nil(t, off.Client("auth"))
	require.Nil(t, off.Listener(nil))
}
