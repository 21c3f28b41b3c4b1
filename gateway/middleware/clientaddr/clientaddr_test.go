package clientaddr_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/gateway/middleware/clientaddr"
)

func TestForwardedForCountsTrustedHopsFromTheRight(t *testing.T) {
	cases := []struct {
		name      string
		hops      int
		forwarded []string
		want      string
	}{
		{"no proxy, header is a client's invention", 0, []string{"6.6.6.6"}, "192.0.2.1"},
		{"one proxy", 1, []string{"203.0.113.9"}, "203.0.113.9"},
		{"one proxy, client lied before it", 1, []string{"6.6.6.6, 203.0.113.9"}, "203.0.113.9"},
		{"lies on a line of their own", 1, []string{"6.6.6.6", "203.0.113.9"}, "203.0.113.9"},
		{"two proxies", 2, []string{"6.6.6.6, 203.0.113.9, 10.0.0.1"}, "203.0.113.9"},
		{"proxy wrote nothing", 1, nil, "192.0.2.1"},
		{"proxy wrote no address", 1, []string{"unknown"}, "192.0.2.1"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var got string
			handler := clientaddr.Middleware(tc.hops)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = clientaddr.From(r.Context())
			}))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = "192.0.2.1:1234"
			for _, line := range tc.forwarded {
				r.Header.Add("X-Forwarded-For", line)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			require.Equal(t, tc.want, got)
		})
	}
}
