package oidc

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/session"
)

// loginPage tells a person why a login failed.
const loginPage = "/login"

// errUnbound answers a return that this browser did not set out for.
var errUnbound = apperr.New(apperr.Unauthenticated, "SIGN_IN_EXPIRED", "This sign-in was not begun in this browser, or took too long.")

// Authority begins and ends logins at providers.
type Authority interface {
	BeginOIDC(ctx context.Context, in *authv1.BeginOIDCRequest, opts ...grpc.CallOption) (*authv1.BeginOIDCResponse, error)
	FinishOIDC(ctx context.Context, in *authv1.FinishOIDCRequest, opts ...grpc.CallOption) (*authv1.FinishOIDCResponse, error)
}

// Handler serves the addresses that browsers go to, rather than scripts. It
// answers with redirects only.
type Handler struct {
	Authority Authority
	Log       *slog.Logger
}

// Begin sends a browser to a provider.
func (h Handler) Begin(w http.ResponseWriter, r *http.Request) {
	departure, err := h.Authority.BeginOIDC(r.Context(), &authv1.BeginOIDCRequest{
		Provider: r.PathValue("provider"), Next: r.URL.Query().Get("next"),
	})
	if err != nil {
		h.fail(w, r, err)
		return
	}
	SetBinding(w, departure.GetBinding())
	redirect(w, departure.GetUrl())
}

// Callback takes a browser that comes back from a provider. Its address may be
// made up by anybody, so only the cookie says that the login is this browser's.
func (h Handler) Callback(w http.ResponseWriter, r *http.Request) {
	binding, answer := bindingOf(r), r.URL.Query()
	clearBinding(w)
	if binding == "" || answer.Get("state") == "" {
		h.fail(w, r, errUnbound)
		return
	}
	var header metadata.MD
	arrival, err := h.Authority.FinishOIDC(r.Context(), &authv1.FinishOIDCRequest{
		Provider: r.PathValue("provider"), State: answer.Get("state"), Code: answer.Get("code"),
		Error: answer.Get("error"), Issuer: answer.Get("iss"), Binding: binding,
	}, grpc.Header(&header))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if token := header.Get(grpcx.MetadataSessionToken); len(token) == 1 {
		session.SetCookie(w, token[0])
	}
	redirect(w, onThisSite(arrival.GetNext()))
}

// fail tells why on a page; of the error only its reason goes into an address.
func (h Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	refusal := apperr.From(err)
	if refusal.Kind == apperr.Internal {
		h.Log.ErrorContext(r.Context(), "login at a provider failed", "error", err)
	}
	page := loginPage
	if asked := refusal.Metadata["next"]; asked != "" {
		page = onThisSite(asked)
	}
	redirect(w, page+"?error="+url.QueryEscape(refusal.Reason))
}

// onThisSite lets no address but a path out, whatever the auth service says.
func onThisSite(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") {
		return "/"
	}
	return next
}

// redirect goes there as it is written: http.Redirect would tidy paths up.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusFound)
}
