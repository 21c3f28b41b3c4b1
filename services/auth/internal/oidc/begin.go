package oidc

import (
	"context"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
)

// Departure is where a browser goes to sign in.
type Departure struct {
	URL string
	// Binding is what this browser alone keeps and must bring back.
	Binding string
}

// Begin starts a login at a provider.
func (l *Logins) Begin(ctx context.Context, provider, next string) (Departure, error) {
	p, err := l.byID(provider)
	if err != nil {
		return Departure{}, err
	}
	return l.depart(ctx, p, Pending{Next: Next(next)})
}

// BeginLink starts linking a provider's login to the caller's account. As the
// login will open the account from then on, an old session is not enough.
func (l *Logins) BeginLink(ctx context.Context, caller principal.Principal, provider string) (Departure, error) {
	p, err := l.byID(provider)
	if err != nil {
		return Departure{}, err
	}
	if err := account.RequireSession(caller); err != nil {
		return Departure{}, err
	}
	recent, err := l.recent(ctx, caller)
	if err != nil {
		return Departure{}, err
	}
	if !recent {
		return Departure{}, account.ErrReauthenticationRequired.WithMessage("Sign in again first, then link the login.")
	}
	return l.depart(ctx, p, Pending{Next: linkedAt, User: caller.UserID, Session: caller.SessionID})
}

func (l *Logins) depart(ctx context.Context, p Provider, pending Pending) (Departure, error) {
	state, binding := newSecret(), newSecret()
	url, err := l.issuers.AuthURL(ctx, p.ID, state, l.nonce(state, binding), l.verifier(state, binding))
	if err != nil {
		return Departure{}, err
	}
	pending.Issuer, pending.ExpiresAt = p.Issuer, l.now().Add(Lifetime)
	if err := l.store.Begin(ctx, pending, hashOf(state), hashOf(binding)); err != nil {
		return Departure{}, err
	}
	return Departure{URL: url, Binding: binding}, nil
}
