package issuer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"atrium.internal/services/auth/internal/oidc"
)

// issuer is one provider and what was found out about it.
type issuer struct {
	provider oidc.Provider
	client   *http.Client
	callback string
	once     singleflight.Group
	known    atomic.Pointer[found]
}

// found is what is needed to speak with a provider.
type found struct {
	provider *goidc.Provider
	verifier *goidc.IDTokenVerifier
	config   oauth2.Config
	// namesItself says that every answer comes with the issuer's name.
	namesItself bool
}

// context makes the libraries use our client.
func (i *issuer) context(ctx context.Context) context.Context {
	return goidc.ClientContext(ctx, i.client)
}

// find gives what is known of the provider, or asks it. Many who come at once
// ask once; it goes on for the others when one of them leaves.
func (i *issuer) find(ctx context.Context) (*found, error) {
	if f := i.known.Load(); f != nil {
		return f, nil
	}
	answer := i.once.DoChan("", func() (any, error) {
		f, err := i.discover(context.WithoutCancel(ctx))
		if err == nil {
			i.known.Store(f)
		}
		return f, err
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return nil, awayError{a.Err}
		}
		return i.known.Load(), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (i *issuer) discover(ctx context.Context) (*found, error) {
	ctx, cancel := context.WithTimeout(i.context(ctx), patience)
	defer cancel()
	p, err := goidc.NewProvider(ctx, i.provider.Issuer)
	if err != nil {
		return nil, err
	}
	var metadata struct {
		Methods     []string `json:"token_endpoint_auth_methods_supported"`
		NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("read the provider's metadata: %w", err)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	// A guess that fails would spend the code.
	if i.provider.ClientSecret == "" ||
		len(metadata.Methods) > 0 && !slices.Contains(metadata.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &found{
		provider: p, verifier: p.Verifier(&goidc.Config{ClientID: i.provider.ClientID}), namesItself: metadata.NamesItself,
		config: oauth2.Config{
			ClientID: i.provider.ClientID, ClientSecret: i.provider.ClientSecret.Reveal(),
			Endpoint: endpoint, RedirectURL: i.callback, Scopes: i.provider.Scopes,
		},
	}, nil
}
