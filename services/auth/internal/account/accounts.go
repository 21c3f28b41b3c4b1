package account

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/session"
)

// Store keeps accounts. Every write also writes its audit row, in the same
// transaction.
type Store interface {
	Remover
	Exports
	// Create adds an account, or answers ErrEmailTaken or ErrUsernameTaken. A
	// call that repeats an earlier one with the same idempotency key gives the
	// account of then; replayed is true, and its password is not yet compared.
	Create(ctx context.Context, c Credentials) (stored Credentials, replayed bool, err error)
	// Find gives the account of a normalised e-mail address or username, or ErrNotFound.
	Find(ctx context.Context, login string) (Credentials, error)
	// Get gives an account, or ErrNotFound.
	Get(ctx context.Context, id uuid.UUID) (User, error)
	// Update lets change alter a locked account and stores its profile and
	// settings. It answers ErrNotFound, or what change returns.
	Update(ctx context.Context, id uuid.UUID, change func(*User) error) (User, error)
	// GetCredentials gives an account with its hash, or ErrNotFound.
	GetCredentials(ctx context.Context, id uuid.UUID) (Credentials, error)
	// SetPassword stores a new hash, notes that it is the holder's own, and ends
	// the account's other sessions; held are the sessions and API tokens that go
	// on. It answers ErrPasswordMoved when the hash is no longer the one that
	// the change started from.
	SetPassword(ctx context.Context, n NewPassword) (ended, held []session.Ended, err error)
	// PasswordRefused only writes the audit row of a change that was refused.
	PasswordRefused(ctx context.Context, id uuid.UUID) error
	// ReauthenticationFailed only writes the audit row of a wrong password.
	ReauthenticationFailed(ctx context.Context, id uuid.UUID) error
	// LoginFailed only writes the audit row; id is zero for an unknown account.
	LoginFailed(ctx context.Context, id uuid.UUID) error
}

// Hasher hashes passwords slowly. Both methods wait for a free slot, or for ctx.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Matches compares a password with a hash. An empty hash costs the same
	// time and matches nothing.
	Matches(ctx context.Context, password, hash string) (bool, error)
}

// Throttle bounds guessing, by login and address together and by address alone.
type Throttle interface {
	// Take counts an attempt, or answers ErrThrottled with the time to wait.
	Take(ctx context.Context, login, address string) error
	// Succeeded takes the attempt back, and the login's failures from there.
	Succeeded(ctx context.Context, login, address string)
}

// Notifier tells the gateways what their caches have to forget.
type Notifier interface {
	session.Notifier
	// Changed makes them ask again who holds these.
	Changed(ctx context.Context, held []session.Ended, interrupt bool)
}

// Accounts applies the rules of this package.
type Accounts struct {
	store    Store
	hasher   Hasher
	throttle Throttle
	notifier Notifier
	open     bool
}

// New makes the rules' keeper; open says whether anybody may register.
func New(store Store, hasher Hasher, throttle Throttle, notifier Notifier, open bool) *Accounts {
	return &Accounts{store: store, hasher: hasher, throttle: throttle, notifier: notifier, open: open}
}

// Registration is what a person says who wants an account.
type Registration struct {
	Email, Username, Password, FullName string
}

// Register makes an ordinary account on the free plan.
func (a *Accounts) Register(ctx context.Context, r Registration) (Credentials, error) {
	if !a.open {
		return Credentials{}, ErrRegistrationClosed
	}
	if err := CheckPassword("password", r.Password, normalise(r.Email), r.Username); err != nil {
		return Credentials{}, err
	}
	user, err := newUser(r)
	if err != nil {
		return Credentials{}, err
	}
	hash, err := a.hasher.Hash(ctx, r.Password)
	if err != nil {
		return Credentials{}, err
	}
	stored, replayed, err := a.store.Create(ctx, Credentials{User: user, PasswordHash: hash})
	if err != nil {
		return Credentials{}, err
	}
	if replayed {
		return a.replay(ctx, stored, r.Password)
	}
	return stored, nil
}

// replay answers a repeated registration, which must know the password: the
// idempotency key alone opens no account.
func (a *Accounts) replay(ctx context.Context, c Credentials, password string) (Credentials, error) {
	ok, err := a.hasher.Matches(ctx, password, c.PasswordHash)
	if err != nil {
		return Credentials{}, err
	}
	if !ok || !c.Active {
		return Credentials{}, ErrEmailTaken
	}
	return c, nil
}

// Verify gives the account that a login and its password belong to. Unknown,
// wrong and switched off take the same time, answer ErrCredentials alike and
// count alike towards ErrThrottled.
func (a *Accounts) Verify(ctx context.Context, login, password string) (Credentials, error) {
	login = normalise(login)
	caller, _ := principal.From(ctx)
	if err := a.throttle.Take(ctx, login, caller.Client.Address); err != nil {
		return Credentials{}, err
	}
	found, err := a.store.Find(ctx, login)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Credentials{}, err
	}
	ok, err := a.hasher.Matches(ctx, password, found.PasswordHash)
	if err != nil {
		return Credentials{}, err
	}
	if ok && found.Active {
		a.throttle.Succeeded(ctx, login, caller.Client.Address)
		return found, nil
	}
	if err := a.store.LoginFailed(ctx, found.ID); err != nil {
		return Credentials{}, err
	}
	return Credentials{}, ErrCredentials
}

// Get gives an account, or ErrNotFound.
func (a *Accounts) Get(ctx context.Context, id uuid.UUID) (User, error) {
	return a.store.Get(ctx, id)
}

func newUser(r Registration) (User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, apperr.From(err)
	}
	return User{
		ID: id, Email: normalise(r.Email), Username: r.Username, FullName: strings.TrimSpace(r.FullName),
		Roles: []string{RoleUser}, Active: true,
	}, nil
}

// normalise makes one spelling of an e-mail address, or of a username for looking it up.
func normalise(login string) string { return strings.ToLower(strings.TrimSpace(login)) }
