package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheExactHostDecides(t *testing.T) {
	named := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(name)) })
	}
	origin := &url.URL{Scheme: "http", Host: "atrium.localhost:8080"}
	handler := byHost(origin, "ide.atrium.localhost:8080", named("health"), named("platform"), named("workspace"))
	cases := []struct{ host, path, want string }{
		{"atrium.localhost:8080", "/", "platform"},
		{"ATRIUM.localhost:8080", "/", "platform"},
		{"atrium.localhost:8080", "/healthz", "health"},
		{"127.0.0.1:8080", "/readyz", "health"},
		{"abc.ide.atrium.localhost:8080", "/", "workspace"},
		{"abc.ide.atrium.localhost:8080", "/healthz", "workspace"},
		{"a.b.ide.atrium.localhost:8080", "/", ""},
		{"ide.atrium.localhost:8080", "/", ""},
		{".ide.atrium.localhost:8080", "/", ""},
		{"atrium.localhost", "/", ""},
		{"evil.example.com", "/", ""},
		{"atrium.localhost:8081", "/", ""},
		{"atrium.localhost.:8080", "/", ""},
		{"abc.ide.atrium.localhost", "/", ""},
		{"abc.ide.atrium.localhost:80", "/", ""},
		{"abc.ide.atrium.localhost.:8080", "/", ""},
		{"ABC.ide.atrium.localhost:8080", "/", "workspace"},
		{"a_b.ide.atrium.localhost:8080", "/", ""},
		{"a@b.ide.atrium.localhost:8080", "/", ""},
		{"a%2eb.ide.atrium.localhost:8080", "/", ""},
		{"ide.atrium.localhost:8080.ide.atrium.localhost:8080", "/", ""},
		{"xn--bro-hoa.ide.atrium.localhost:8080", "/", "workspace"},
		{"b\u00fcro.ide.atrium.localhost:8080", "/", ""},
		{"abcide.atrium.localhost:8080", "/", ""},
		{"127.0.0.1:8080", "/api/users/me", ""},
		{"[::1]:8080", "/api/users/me", ""},
		{"192.0.2.1:8080", "/", ""},
		{"2130706433:8080", "/", ""},
		{"atrium.localhost:8080.evil.example.com", "/", ""},
	}
	for _, tc := range cases {
		t.Run(tc.host+tc.path, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, tc.path, nil)
			r.Host = tc.host
			r.Header.Set("X-Forwarded-Host", "atrium.localhost:8080") // believed by nobody
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if tc.want == "" {
				require.Equal(t, http.StatusNotFound, w.Code)
				require.Contains(t, w.Body.String(), "HOST_UNKNOWN")
				return
			}
			require.Equal(t, tc.want, w.Body.String())
		})
	}
}

func TestLocalhostLeadsPeopleToThePlatform(t *testing.T) {
	origin := &url.URL{Scheme: "http", Host: "atrium.localhost:8080"}
	handler := byHost(origin, "ide.atrium.localhost:8080", nil, nil, nil)
	r := httptest.NewRequest(http.MethodGet, "/chat?x=1", nil)
	r.Host = "localhost:8080"
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	require.Equal(t, "http://atrium.localhost:8080/chat?x=1", w.Header().Get("Location"))
}
