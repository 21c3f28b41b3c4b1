package oidc

import (
	"context"
	"errors"
	"slices"

	"atrium.internal/services/auth/internal/account"
)

// usernameTries bounds the looking for a username that is free.
const usernameTries = 5

// signIn gives the account of a login: the one that it is linked to, or else
// what the provider's configuration lets it have.
func (l *Logins) signIn(ctx context.Context, p Provider, c Claims, i Identity) (account.User, error) {
	user, err := l.store.Find(ctx, i.Issuer, i.Subject)
	if errors.Is(err, account.ErrNotFound) {
		return l.newcomer(ctx, p, c, i)
	}
	if err != nil {
		return account.User{}, err
	}
	if !user.Active {
		return user, ErrSuspended
	}
	i.UserID = user.ID
	return user, l.store.Used(ctx, i)
}

// newcomer decides over a login that nobody has linked. An e-mail address
// alone opens no account: at many providers anybody can claim any address.
func (l *Logins) newcomer(ctx context.Context, p Provider, c Claims, i Identity) (account.User, error) {
	if l.trustsAddresses() && !c.EmailVerified {
		return account.User{}, ErrEmailNotVerified
	}
	if p.LinkVerifiedEmail {
		user, err := l.adopt(ctx, c, i)
		if !errors.Is(err, account.ErrNotFound) {
			return user, err
		}
	}
	if !l.open && !p.AllowRegistration {
		return account.User{}, ErrNotLinked
	}
	if c.Email == "" {
		return account.User{}, ErrEmailMissing
	}
	return l.register(ctx, c, i)
}

// trustsAddresses reports whether some provider links by e-mail address. Then
// no provider may make accounts with addresses that nobody has checked: they
// would wait there for the addresses' owners.
func (l *Logins) trustsAddresses() bool {
	return slices.ContainsFunc(l.providers, func(p Provider) bool { return p.LinkVerifiedEmail })
}

// adopt links the login to the account with its address, which the provider
// says to have checked, or answers account.ErrNotFound.
func (l *Logins) adopt(ctx context.Context, c Claims, i Identity) (account.User, error) {
	user, err := l.store.FindByEmail(ctx, c.Email)
	if err != nil {
		return account.User{}, err
	}
	if !user.Active {
		return user, ErrSuspended
	}
	i.UserID = user.ID
	if err := l.store.Link(ctx, i); err != nil {
		return user, err
	}
	return user, l.store.Used(ctx, i)
}

// register makes an account without a password.
func (l *Logins) register(ctx context.Context, c Claims, i Identity) (account.User, error) {
	name := username(c)
	for try := 1; ; try++ {
		made, err := account.WithoutPassword(c.Email, name, c.Name)
		if err != nil {
			return account.User{}, err
		}
		i.UserID = made.ID
		user, err := l.store.Register(ctx, made, i)
		switch {
		case errors.Is(err, account.ErrUsernameTaken) && try < usernameTries:
			name = another(username(c))
		case errors.Is(err, account.ErrEmailTaken), errors.Is(err, ErrLinkedElsewhere):
			return l.taken(ctx, i)
		default:
			return user, err
		}
	}
}

// taken looks whether this very login has made the account in the meantime.
func (l *Logins) taken(ctx context.Context, i Identity) (account.User, error) {
	user, err := l.store.Find(ctx, i.Issuer, i.Subject)
	if errors.Is(err, account.ErrNotFound) {
		return account.User{}, ErrAccountExists
	}
	if err == nil && !user.Active {
		err = ErrSuspended
	}
	return user, err
}
