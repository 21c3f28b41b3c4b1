package issuer

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"golang.org/x/oauth2"

	"atrium.internal/services/auth/internal/oidc"
)

// Issuers implements oidc.Issuers.
type Issuers struct {
	log    *slog.Logger
	client *http.Client
	byID   map[string]*issuer
}

// New makes the far ends of the providers. It does no I/O: a provider's
// addresses are read when they are first needed, again and again until it
// answers. publicURL is where browsers reach the platform.
func New(log *slog.Logger, publicURL string, providers []oidc.Provider) *Issuers {
	s := &Issuers{log: log, client: newClient(), byID: map[string]*issuer{}}
	for _, p := range providers {
		s.byID[p.ID] = &issuer{provider: p, client: s.client, callback: publicURL + "/api/auth/oidc/" + p.ID + "/callback"}
	}
	return s
}

// Warm reads all addresses early, so that the log says at the start which
// provider is away or wrongly configured.
func (s *Issuers) Warm(ctx context.Context) {
	var done sync.WaitGroup
	defer done.Wait()
	for _, i := range s.byID {
		done.Go(func() {
			if _, err := i.find(ctx); err != nil && ctx.Err() == nil {
				s.warn(ctx, i, err)
			}
		})
	}
}

// Close lets go of idle connections.
func (s *Issuers) Close() { s.client.CloseIdleConnections() }

// AuthURL gives where a browser signs in, or oidc.ErrUnavailable.
func (s *Issuers) AuthURL(ctx context.Context, provider, state, nonce, verifier string) (string, error) {
	i, ok := s.byID[provider]
	if !ok {
		return "", oidc.ErrProviderNotFound
	}
	found, err := i.find(ctx)
	if err != nil {
		return "", s.failed(ctx, i, err)
	}
	return found.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", nonce)), nil
}

// Exchange redeems a code for what the provider vouches for.
func (s *Issuers) Exchange(ctx context.Context, provider string, r oidc.Redemption) (oidc.Claims, error) {
	i, ok := s.byID[provider]
	if !ok {
		return oidc.Claims{}, oidc.ErrProviderNotFound
	}
	found, err := i.find(ctx)
	if err != nil {
		return oidc.Claims{}, s.failed(ctx, i, err)
	}
	claims, err := found.redeem(i.context(ctx), r)
	if err != nil {
		return oidc.Claims{}, s.failed(ctx, i, err)
	}
	return claims, nil
}

// failed tells the operator what went wrong, and the user only what sort of
// thing it was.
func (s *Issuers) failed(ctx context.Context, i *issuer, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.warn(ctx, i, err)
	if isAway(err) {
		return oidc.ErrUnavailable
	}
	return oidc.ErrRefused
}

func (s *Issuers) warn(ctx context.Context, i *issuer, err error) {
	s.log.WarnContext(ctx, "sign-in provider failed", "provider", i.provider.ID, "error", described(err))
}
