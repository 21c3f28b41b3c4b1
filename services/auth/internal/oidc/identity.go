package oidc

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
)

// Identity is a provider's login that is linked to an account.
type Identity struct {
	ID     uuid.UUID
	UserID uuid.UUID
	// Issuer and Subject are what it is known by, and nothing else is.
	Issuer, Subject string
	// Provider is the id that the issuer was configured under.
	Provider string
	// Name is what the provider calls the user; for showing only.
	Name      string
	CreatedAt time.Time
	// LastLogin is nil until the first one.
	LastLogin *time.Time
}

// Claims is what a provider says of who has signed in there.
type Claims struct {
	Subject string
	// Email is empty when the provider doesn't tell it.
	Email         string
	EmailVerified bool
	// Username and Name are wishes; both may be empty.
	Username, Name string
}

// Identities gives the logins that are linked to the caller's account.
func (l *Logins) Identities(ctx context.Context, user uuid.UUID) ([]Identity, error) {
	found, err := l.store.Identities(ctx, user)
	for i, identity := range found {
		if p, ok := l.byIssuer(identity.Issuer); ok { // it may have another id by now
			found[i].Provider = p.ID
		}
	}
	return found, err
}

// Unlink ends one of the caller's links, or answers ErrIdentityNotFound or
// ErrLastLogin.
func (l *Logins) Unlink(ctx context.Context, caller principal.Principal, id uuid.UUID) error {
	if err := account.RequireSession(caller); err != nil {
		return err
	}
	usable := make([]string, len(l.providers))
	for i, p := range l.providers {
		usable[i] = p.Issuer
	}
	return l.store.Unlink(ctx, caller.UserID, id, usable)
}
