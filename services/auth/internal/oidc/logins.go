package oidc

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// Lifetime is how long one may take at the provider.
const Lifetime = 10 * time.Minute

// Pending is a login that was begun and has not come back.
type Pending struct {
	// Issuer is who must answer.
	Issuer string
	// Next is where the browser goes afterwards.
	Next string
	// User and Session are whose account the login is to be linked to; zero
	// for a login.
	User, Session uuid.UUID
	ExpiresAt     time.Time
}

// Issuers speaks with the providers.
type Issuers interface {
	// AuthURL gives where a browser signs in, or ErrUnavailable.
	AuthURL(ctx context.Context, provider, state, nonce, verifier string) (string, error)
	// Exchange redeems a code for what the provider vouches for. It answers
	// ErrUnavailable, or ErrRefused when any part of the answer doesn't hold.
	Exchange(ctx context.Context, provider string, r Redemption) (Claims, error)
}

// Redemption is an answer of the provider and what it must fit to.
type Redemption struct {
	Code            string
	Nonce, Verifier string
	// Issuer is who says to have answered; empty when nobody does.
	Issuer string
}

// Store keeps logins under way and linked ones. What changes an account also
// writes its audit row, in the same transaction.
type Store interface {
	// Begin keeps a login under the hashes of its state and its binding.
	Begin(ctx context.Context, p Pending, state, binding session.Hash) error
	// Take gives a login that is good at the given time, once, or ErrState.
	Take(ctx context.Context, state, binding session.Hash, now time.Time) (Pending, error)
	// Find gives the account that a login is linked to, or account.ErrNotFound.
	Find(ctx context.Context, issuer, subject string) (account.User, error)
	// FindByEmail gives the account with an address, or account.ErrNotFound.
	FindByEmail(ctx context.Context, email string) (account.User, error)
	// Used notes that somebody signs in by a linked login.
	Used(ctx context.Context, i Identity) error
	// Link links a login to an account; doing it again changes nothing. It
	// answers ErrLinkedElsewhere.
	Link(ctx context.Context, i Identity) error
	// Register makes an account together with its login. It answers
	// account.ErrEmailTaken, account.ErrUsernameTaken or ErrLinkedElsewhere.
	Register(ctx context.Context, c account.Credentials, i Identity) (account.User, error)
	// Refused only writes the audit row; user is zero for an unknown account.
	Refused(ctx context.Context, user uuid.UUID, provider, reason string) error
	// Identities gives the links of an account, oldest first.
	Identities(ctx context.Context, user uuid.UUID) ([]Identity, error)
	// Unlink ends a link, or answers ErrIdentityNotFound, or ErrLastLogin when
	// the account has no password and no link to one of the usable issuers besides.
	Unlink(ctx context.Context, user, id uuid.UUID, usable []string) error
}

// Recent says whether a caller's session began just now.
type Recent func(ctx context.Context, caller principal.Principal) (bool, error)

// Logins applies the rules of this package.
type Logins struct {
	store     Store
	issuers   Issuers
	recent    Recent
	providers []Provider
	key       []byte
	open      bool
	now       func() time.Time
}

// Options are what Logins is made of.
type Options struct {
	Store     Store
	Issuers   Issuers
	Recent    Recent
	Providers []Provider
	// Key makes nonces and verifiers.
	Key []byte
	// Open says whether anybody may register.
	Open bool
	// Now is the clock.
	Now func() time.Time
}

// New makes the rules' keeper.
func New(o Options) *Logins {
	return &Logins{
		store: o.Store, issuers: o.Issuers, recent: o.Recent,
		providers: o.Providers, key: o.Key, open: o.Open, now: o.Now,
	}
}

// Providers gives those that one can sign in with, as configured.
func (l *Logins) Providers() []Provider { return l.providers }

// Open reports whether anybody may register.
func (l *Logins) Open() bool { return l.open }

func (l *Logins) byID(id string) (Provider, error) {
	for _, p := range l.providers {
		if p.ID == id {
			return p, nil
		}
	}
	return Provider{}, ErrProviderNotFound
}

func (l *Logins) byIssuer(issuer string) (Provider, bool) {
	for _, p := range l.providers {
		if p.Issuer == issuer {
			return p, true
		}
	}
	return Provider{}, false
}
