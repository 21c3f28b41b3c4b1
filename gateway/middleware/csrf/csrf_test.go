package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/middleware/csrf"
	"atrium.internal/gateway/session"
)

const host = "atrium.example.com"

func TestOnlyTheOwnOriginChangesState(t *testing.T) {
	cases := []struct {
		name    string
		headers map[string]string
		cookie  bool
		want    int
	}{
		{"own page", map[string]string{"Sec-Fetch-Site": "same-origin"}, true, http.StatusOK},
		{"own page, old browser", map[string]string{"Origin": "https://" + host}, true, http.StatusOK},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, true, http.StatusForbidden},
		{"a workspace, same site", map[string]string{"Sec-Fetch-Site": "same-site"}, true, http.StatusForbidden},
		{"a workspace, by origin", map[string]string{"Origin": "https://x.ide.example.com"}, true, http.StatusForbidden},
		{"a sandboxed frame", map[string]string{"Origin": "null"}, true, http.StatusForbidden},
		{"cookie without any origin", nil, true, http.StatusForbidden},
		{"script without cookie", nil, false, http.StatusOK},
		{"a token beside the cookie", map[string]string{"Authorization": "Bearer atr_x"}, true, http.StatusOK},
		{"a token from another origin", map[string]string{"Authorization": "Bearer atr_x", "Origin": "https://x.example"}, false, http.StatusOK},
		{"another kind of authorization", map[string]string{"Authorization": "Basic eA=="}, true, http.StatusForbidden},
		{"form body", map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}, true, http.StatusBadRequest},
		{"text body", map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"}, true, http.StatusBadRequest},
	}
	handler := csrf.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "https://"+host+"/api/x", strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			for name, value := range tc.headers {
				r.Header.Set(name, value)
			}
			if tc.cookie {
				r.AddCookie(&http.Cookie{Name: session.CookieName, Value: "token"})
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			require.Equal(t, tc.want, w.Code, w.Body.String())
		})
	}
}

func TestReadingIsNotRefused(t *testing.T) {
	handler := csrf.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest(http.MethodGet, "https://"+host+"/api/x", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
}

// A crafted link must not become a change on its way.
func TestAGETStaysAGET(t *testing.T) {
	var method string
	handler := csrf.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { method = r.Method }))
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/api/x?_method=POST", nil)
		r.Header.Set(header, http.MethodPost)
		r.AddCookie(&http.Cookie{Name: session.CookieName, Value: "token"})
		handler.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, http.MethodGet, method, header)
	}
}
