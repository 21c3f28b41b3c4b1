package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// settings are the defaults with changes.
func settings(t *testing.T, args ...string) Config {
	t.Helper()
	var cfg Config
	parser, err := kong.New(&cfg)
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
	return cfg
}

func TestPlainHTTPOnlyLeadsToHTTPS(t *testing.T) {
	g := &Gateway{
		config: settings(t, "--public-url=https://atrium.example", "--ide-domain=ide.atrium.example"),
		deps:   Deps{Log: slog.New(slog.DiscardHandler)}, origin: &url.URL{Scheme: "https", Host: "atrium.example"},
	}
	for _, c := range []struct {
		method, host, want string
		code               int
	}{
		{"GET", "atrium.example", "https://atrium.example/chat?x=1", 308},
		{"HEAD", "ATRIUM.example:80", "https://atrium.example/chat?x=1", 308},
		{"GET", "abc.ide.atrium.example", "https://abc.ide.atrium.example/chat?x=1", 308},
		{"GET", "evil.example", "", 404},
		{"GET", "a.b.ide.atrium.example", "", 404},
		{"GET", "evil.example#.ide.atrium.example", "", 404},
		{"POST", "atrium.example", "", 403},
	} {
		r := httptest.NewRequest(c.method, "/chat?x=1", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		g.redirect().ServeHTTP(w, r)
		require.Equal(t, c.code, w.Code, c.host)
		require.Equal(t, c.want, w.Header().Get("Location"))
		require.Empty(t, w.Header().Get("Strict-Transport-Security"), "browsers take it over https alone")
	}
}

func TestWhatDoesNotFitTogetherIsSaidInOneLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--public-url=https://a.example"}, "plain HTTP"},
		{[]string{"--public-url=https://a.example", "--trusted-proxies=1"}, ""},
		{[]string{"--public-url=https://a.example", "--tls-cert=a", "--tls-key=b"}, ""},
		{[]string{"--public-url=https://a.example", "--acme-email=a@a.example", "--acme-cache=c"}, ""},
		{[]string{"--public-url=http://a.example", "--tls-cert=a", "--tls-key=b"}, "public URL is http"},
		{[]string{"--public-url=http://a.example", "--trusted-proxies=1"}, "public URL is http"},
		{nil, ""},
	} {
		cfg := settings(t, c.args...)
		origin, err := cfg.publicOrigin()
		require.NoError(t, err)
		var out bytes.Buffer
		cfg.sayScheme(origin, slog.New(slog.NewTextHandler(&out, nil)))
		if c.want == "" {
			require.Empty(t, out.String(), c.args)
			continue
		}
		require.Contains(t, out.String(), c.want, c.args)
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
	}
}

func TestHTTPSIsInsistedOnOnlyWhereItIs(t *testing.T) {
	cfg := settings(t, "--hsts-max-age=1h")
	require.Zero(t, cfg.hsts(&url.URL{Scheme: "http"}))
	require.Equal(t, time.Hour, cfg.hsts(&url.URL{Scheme: "https"}))
	require.Zero(t, settings(t, "--hsts-max-age=0").hsts(&url.URL{Scheme: "https"}))
}

func TestHostsThatNoBrowserSendsAreAFault(t *testing.T) {
	for _, u := range []string{
		"https://ATRIUM.example", "https://atrium.example.", "https://atrium.example:443", "http://atrium.example:80",
		"https://büro.example", "https://atrium.example:", "https://atrium..example", "https://atrium.example/path", "ftp://atrium.example",
	} {
		cfg := settings(t)
		cfg.PublicURL = u
		require.ErrorContains(t, cfg.Validate(), "ATRIUM_PUBLIC_URL", u)
	}
	for _, u := range []string{"https://xn--bro-hoa.example", "http://192.0.2.1:8080", "http://[2001:db8::1]:8080", "https://atrium.example/"} {
		cfg := settings(t)
		cfg.PublicURL = u
		require.NoError(t, cfg.Validate(), u)
	}
	for _, domain := range []string{"", "IDE.example", "ide.example.", "ide example", "ide.example/x"} {
		cfg := settings(t)
		cfg.IDEDomain = domain
		require.ErrorContains(t, cfg.Validate(), "ATRIUM_IDE_DOMAIN", domain)
	}
}

func TestAnAddressOfAssetsThatNoPageCouldUseIsAFault(t *testing.T) {
	for _, u := range []string{
		"cdn.example", "//cdn.example", "ftp://cdn.example", "https://CDN.example", "https://cdn.example?x", "https://cdn.example/#a",
		"https://me@cdn.example", "https://cdn.example/a;b", "https://cdn.example/a b", "http://cdn.example",
	} {
		cfg := settings(t, "--public-url=https://a.example")
		cfg.AssetsURL = u
		require.ErrorContains(t, cfg.Validate(), "ATRIUM_ASSETS_URL", u)
	}
	cfg := settings(t, "--public-url=https://a.example")
	require.Empty(t, cfg.assetsOrigin())
	cfg.AssetsURL = "https://cdn.example:8443/atrium/v1/"
	require.NoError(t, cfg.Validate())
	require.Equal(t, "https://cdn.example:8443", cfg.assetsOrigin())
}

func TestWaysToSignInShareOneLimit(t *testing.T) {
	limits := settings(t).Limits
	for _, c := range [][2]string{
		{"POST", "/api/auth/login"},
		{"POST", "/api/auth/login/totp"},
		{"POST", "/api/auth/register"},
		{"POST", "/api/auth/password/forgot"},
		{"POST", "/api/auth/password/reset"},
		{"GET", "/api/auth/oidc/one"},
		{"GET", "/api/auth/oidc/one/callback"},
		{"POST", "/api/auth/oidc/one/link"},
	} {
		class := limits.classify(httptest.NewRequest(c[0], c[1], nil))
		require.Equal(t, "sign-in", class.Name, c[1])
		require.True(t, class.ByAddress)
	}
	require.Equal(t, "ai", limits.classify(httptest.NewRequest(http.MethodPost, "/api/ai/chat", nil)).Name)
	require.Equal(t, "api", limits.classify(httptest.NewRequest(http.MethodGet, "/api/auth/sessions", nil)).Name)
}
