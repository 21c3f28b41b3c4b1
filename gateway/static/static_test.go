package static

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/middleware/securityheaders"
)

var script = strings.Repeat("console.log('hello');\n", 100)

func files(t *testing.T) *Files {
	t.Helper()
	s, err := read(fstest.MapFS{
		".keep":              {},
		"index.html":         {Data: []byte("<title>app</title><meta content=\"ATRIUM_EDITOR ATRIUM_WORKER\"><script nonce=\"ATRIUM_NONCE\"></script><style nonce=\"ATRIUM_NONCE\"></style>")},
		"api-docs.html":      {Data: []byte("<title>docs</title>")},
		"assets/app-1a2b.js": {Data: []byte(script)},
		"sw.js":              {Data: []byte("self.atriumFiles=[];")},
	}, Options{Editor: InTab, ServiceWorker: true})
	require.NoError(t, err)
	return s
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPagesAreTheApp(t *testing.T) {
	s := files(t)
	for path, code := range map[string]int{
		"/": 200, "/login": 200, "/chat": 200, "/chat/0190": 200, "/ide/workspace/0190": 200, "/settings": 200, "/share/abc": 200, "/share": 404,
		"/nowhere": 404, "/chat/a/b": 404, "/.keep": 404, "/index.html": 404,
	} {
		w := get(s, path)
		require.Equal(t, code, w.Code, path)
		require.Contains(t, w.Body.String(), "app", path)
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"), "a new version must show at once")
	}
}

func TestAssetsNeverChangeAndAreCompressed(t *testing.T) {
	s := files(t)
	w := get(s, "/assets/app-1a2b.js", "Accept-Encoding", "gzip, br")
	require.Contains(t, w.Header().Get("Cache-Control"), "immutable")
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	z, err := gzip.NewReader(w.Body)
	require.NoError(t, err)
	body, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, script, string(body))

	w = get(s, "/assets/app-1a2b.js")
	require.Empty(t, w.Header().Get("Content-Encoding"))
	require.Equal(t, script, w.Body.String())
}

func TestTheServiceWorkerChangesWithThePageAndLeavesWhenUnwanted(t *testing.T) {
	worker := func(title string, on bool) string {
		s, err := read(fstest.MapFS{
			"index.html":    {Data: []byte("<title>" + title + "</title><meta content=\"ATRIUM_WORKER\">")},
			"api-docs.html": {},
			"sw.js":         {Data: []byte("work()")},
		}, Options{Editor: InFrame, ServiceWorker: on})
		require.NoError(t, err)
		w := get(s, "/sw.js")
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Header().Get("Content-Type"), "javascript")
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"), "a new one must be seen at once")
		if on {
			require.Contains(t, get(s, "/").Body.String(), `content="on"`)
		} else {
			require.Contains(t, get(s, "/").Body.String(), `content="off"`)
		}
		return w.Body.String()
	}
	first := worker("one", true)
	require.Regexp(t, `^self\.atrium=\{"worker":true,"shell":"[0-9a-f]{16}","assets":""\};\nwork\(\)$`, first)
	require.Equal(t, first, worker("one", true), "the same page keeps its worker")
	require.NotEqual(t, first, worker("two", true))
	require.Contains(t, worker("one", false), `"worker":false`)
}

func TestWhatIsNotThereIsNotTheApp(t *testing.T) {
	s := files(t)
	for _, path := range []string{"/assets/gone.js", "/api/nothing", "/api"} {
		w := get(s, path)
		require.Equal(t, http.StatusNotFound, w.Code, path)
		require.Contains(t, w.Body.String(), "ROUTE_NOT_FOUND", path)
	}
}

func TestABuildWithoutPagesSaysSo(t *testing.T) {
	_, err := read(fstest.MapFS{".keep": {}}, Options{Editor: InFrame})
	require.ErrorIs(t, err, ErrNotBuilt)
}

func TestEachPageBearsTheNonceOfItsAnswer(t *testing.T) {
	h := securityheaders.Middleware("https://*.example.com", "")(files(t))
	seen := map[string]bool{}
	for range 2 {
		w := get(h, "/chat", "Accept-Encoding", "gzip")
		_, nonce, ok := strings.Cut(w.Header().Get("Content-Security-Policy"), "'nonce-")
		require.True(t, ok)
		nonce, _, _ = strings.Cut(nonce, "'")
		require.Equal(t, `<title>app</title><meta content="tab on"><script nonce="`+nonce+`"></script><style nonce="`+nonce+`"></style>`, w.Body.String())
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
		seen[nonce] = true
	}
	require.Len(t, seen, 2, "a nonce that can be known in advance is none")
}

func TestAssetsMayBeElsewhere(t *testing.T) {
	const cdn = "https://cdn.example.com/atrium"
	s, err := read(fstest.MapFS{
		"index.html":         {Data: []byte(`<head><script src="ATRIUM_ASSETS/assets/app-1a2b.js" nonce="ATRIUM_NONCE"></script></head>`)},
		"api-docs.html":      {Data: []byte("<head></head>")},
		"assets/app-1a2b.js": {Data: []byte(script)},
		"sw.js":              {Data: []byte("work()")},
	}, Options{AssetsURL: cdn})
	require.NoError(t, err)

	page := get(s, "/").Body.String()
	require.Contains(t, page, `src="`+cdn+`/assets/app-1a2b.js"`)
	require.Contains(t, get(s, "/sw.js").Body.String(), `"assets":"`+cdn+`"`)

	// Nothing but this very content is run.
	_, name, _ := strings.Cut(page, `<head><script src="`)
	name, _, _ = strings.Cut(name, `"`)
	require.Regexp(t, `^/assets/integrity-[0-9a-f]+\.js$`, name, "it comes from here, before anything else")
	sum := sha256.Sum256([]byte(script))
	require.Contains(t, get(s, name).Body.String(), `"`+cdn+`/assets/app-1a2b.js":"sha256-`+base64.StdEncoding.EncodeToString(sum[:])+`"`)

	w := get(s, "/assets/app-1a2b.js")
	require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"), "for what fetches it from here, once")
	require.Equal(t, "cross-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
	require.Empty(t, get(s, "/").Header().Get("Access-Control-Allow-Origin"))

	here := files(t)
	require.NotContains(t, get(here, "/").Body.String(), "integrity")
	require.Empty(t, get(here, "/assets/app-1a2b.js").Header().Get("Access-Control-Allow-Origin"))
}

func TestThePolicyNamesTheAssetsOrigin(t *testing.T) {
	policy := func(assets string) string {
		return get(securityheaders.Middleware("https://*.example.com", assets)(files(t)), "/").Header().Get("Content-Security-Policy")
	}
	require.Contains(t, policy("https://cdn.example.com"), "style-src 'self' https://cdn.example.com 'nonce-")
	for _, directive := range []string{"font-src 'self' https://cdn.example.com data:", "img-src 'self' https://cdn.example.com data:", "connect-src 'self' https://cdn.example.com;"} {
		require.Contains(t, policy("https://cdn.example.com"), directive)
	}
	require.Contains(t, policy(""), "connect-src 'self';")
	require.NotContains(t, policy(""), "cdn")
}
