package oidc_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/oidc"
)

// authority says what it is told to; the real one is in the end-to-end tests.
type authority struct {
	next  string
	err   error
	asked *authv1.FinishOIDCRequest
}

func (a *authority) BeginOIDC(context.Context, *authv1.BeginOIDCRequest, ...grpc.CallOption) (*authv1.BeginOIDCResponse, error) {
	return &authv1.BeginOIDCResponse{Url: "https://login.example/auth?x=//y/../z", Binding: "bound"}, a.err
}

func (a *authority) FinishOIDC(_ context.Context, r *authv1.FinishOIDCRequest, _ ...grpc.CallOption) (*authv1.FinishOIDCResponse, error) {
	a.asked = r
	return &authv1.FinishOIDCResponse{Next: a.next}, a.err
}

func callback(a *authority, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/api/auth/oidc/sso/callback?state=s&code=c&iss=i", nil)
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-atrium_oidc", Value: cookie})
	}
	r.SetPathValue("provider", "sso")
	w := httptest.NewRecorder()
	oidc.Handler{Authority: a, Log: slog.New(slog.DiscardHandler)}.Callback(w, r)
	return w
}

func TestTheBrowserIsSentAsTheProviderWants(t *testing.T) {
	w := httptest.NewRecorder()
	oidc.Handler{Authority: &authority{}}.Begin(w, httptest.NewRequest(http.MethodGet, "/api/auth/oidc/sso", nil))
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "https://login.example/auth?x=//y/../z", w.Header().Get("Location"), "not tidied up")
}

func TestNothingIsAskedForABrowserWithoutTheCookie(t *testing.T) {
	a := &authority{next: "/chat"}
	require.Equal(t, "/login?error=SIGN_IN_EXPIRED", callback(a, "").Header().Get("Location"))
	require.Nil(t, a.asked)
	require.Equal(t, "/chat", callback(a, "bound").Header().Get("Location"))
	require.Equal(t, "bound", a.asked.GetBinding())
	require.Equal(t, "i", a.asked.GetIssuer())
}

func TestTheGatewayItselfLeadsNowhereElse(t *testing.T) {
	for _, evil := range []string{"//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "evil"} {
		require.Equal(t, "/", callback(&authority{next: evil}, "bound").Header().Get("Location"))
		refusal := apperr.New(apperr.Conflict, "REASON", "Words.").WithMetadata("next", evil)
		require.Equal(t, "/?error=REASON", callback(&authority{err: refusal}, "bound").Header().Get("Location"))
	}
	location := callback(&authority{err: errors.New("words that nobody should read")}, "bound").Header().Get("Location")
	require.Equal(t, "/login?error=INTERNAL", location)
}
