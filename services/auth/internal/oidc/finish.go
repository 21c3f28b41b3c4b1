package oidc

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
)

// Return is what a browser brings back from a provider.
type Return struct {
	Provider string
	State    string
	Code     string
	// Error is the provider's code of an error, instead of a code.
	Error   string
	Binding string
	// Issuer is who says to have answered; empty when nobody does.
	Issuer string
}

// Arrival is how a login ended.
type Arrival struct {
	User account.User
	// Next is where the browser goes: a path on this site.
	Next string
	// Linked says that a login was linked and nobody is to be signed in anew.
	Linked bool
}

// MetadataNext is the key under which the refusal of a link says where its
// page is, so that it is told there.
const MetadataNext = "next"

// Finish ends what Begin or BeginLink started. The caller is whoever is signed
// in to the browser, or nobody.
func (l *Logins) Finish(ctx context.Context, caller principal.Principal, r Return) (Arrival, error) {
	p, err := l.byID(r.Provider)
	if err != nil {
		return Arrival{}, err
	}
	pending, err := l.store.Take(ctx, hashOf(r.State), hashOf(r.Binding), l.now())
	if err != nil {
		return Arrival{}, err
	}
	user, err := l.settle(ctx, caller, p, pending, r)
	if err != nil {
		return Arrival{}, l.refused(ctx, p, pending, user, err)
	}
	return Arrival{User: user, Next: pending.Next, Linked: pending.User != uuid.Nil}, nil
}

// settle gives the account that a login opens or was linked to. With an error
// the account is the one that was refused, as far as it is known.
func (l *Logins) settle(ctx context.Context, caller principal.Principal, p Provider, pending Pending, r Return) (account.User, error) {
	// The answer must be that of the issuer that was asked: another one's could
	// be made to stand for its users here.
	if pending.Issuer != p.Issuer || (r.Issuer != "" && r.Issuer != p.Issuer) {
		return account.User{}, ErrRefused.WithCause(errors.New("another issuer answered"))
	}
	if r.Error == "access_denied" {
		return account.User{}, ErrCanceled
	}
	if r.Error != "" || r.Code == "" {
		return account.User{}, ErrRefused
	}
	claims, err := l.issuers.Exchange(ctx, p.ID, Redemption{
		Code: r.Code, Nonce: l.nonce(r.State, r.Binding), Verifier: l.verifier(r.State, r.Binding), Issuer: r.Issuer,
	})
	if err != nil {
		return account.User{}, err
	}
	claims = claims.cleaned()
	identity, err := l.identity(p, claims)
	if err != nil {
		return account.User{}, err
	}
	if pending.User != uuid.Nil {
		return l.link(ctx, caller, pending, identity)
	}
	return l.signIn(ctx, p, claims, identity)
}

func (l *Logins) identity(p Provider, c Claims) (Identity, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Identity{}, apperr.From(err)
	}
	now := l.now().UTC()
	return Identity{
		ID: id, Issuer: p.Issuer, Subject: c.Subject, Provider: p.ID, Name: cut(c.shown(), longestName), CreatedAt: now,
	}, nil
}

// link adds the login to the account of whoever began to link it, who must be
// signed in still: a login that somebody else finishes must not end up there.
func (l *Logins) link(ctx context.Context, caller principal.Principal, pending Pending, i Identity) (account.User, error) {
	user := account.User{ID: pending.User}
	if caller.Kind != principal.User || caller.IsToken() || caller.UserID != pending.User || caller.SessionID != pending.Session {
		return user, ErrLinkSession
	}
	i.UserID = pending.User
	return user, l.store.Link(ctx, i)
}

// refused keeps the refusal in the audit log.
func (l *Logins) refused(ctx context.Context, p Provider, pending Pending, user account.User, cause error) error {
	refusal := apperr.From(cause)
	if err := l.store.Refused(ctx, user.ID, p.ID, refusal.Reason); err != nil {
		return err
	}
	if pending.User != uuid.Nil {
		return refusal.WithMetadata(MetadataNext, linkedAt)
	}
	return refusal
}
