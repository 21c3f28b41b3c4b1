package account

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/session"
)

// RecentSignIn is how long a sign-in stands for a sensitive call by itself.
const RecentSignIn = 10 * time.Minute

// Devices finds the session that makes a call.
type Devices interface {
	// Get gives one of a user's good sessions, or session.ErrNotFound.
	Get(ctx context.Context, user, id uuid.UUID) (session.Session, error)
}

// Reauthentication decides who may do what a stolen or forgotten session must
// not be enough for, such as deleting the account.
type Reauthentication struct {
	accounts *Accounts
	devices  Devices
	now      func() time.Time
}

// NewReauthentication makes the rule; now is the clock.
func NewReauthentication(accounts *Accounts, devices Devices, now func() time.Time) *Reauthentication {
	return &Reauthentication{accounts: accounts, devices: devices, now: now}
}

// Require lets a caller pass whose session began within RecentSignIn, or who
// gives the account's password; an API token passes by the password only. It
// answers ErrReauthenticationRequired where no password was given, ErrPassword
// for a wrong one, and ErrThrottled after too many of those.
func (r *Reauthentication) Require(ctx context.Context, caller principal.Principal, password string) error {
	recent, err := r.Recent(ctx, caller)
	if err != nil || recent {
		return err
	}
	if password == "" {
		return ErrReauthenticationRequired
	}
	_, ok, err := r.accounts.knows(ctx, caller, password)
	if err != nil || ok {
		return err
	}
	if err := r.accounts.store.ReauthenticationFailed(ctx, caller.UserID); err != nil {
		return err
	}
	return ErrPassword
}

// Recent reports whether the caller's session began within RecentSignIn. An
// API token never signed in. A session that has ended answers
// session.ErrInvalid, although the identity made from it is still good.
func (r *Reauthentication) Recent(ctx context.Context, caller principal.Principal) (bool, error) {
	if caller.IsToken() {
		return false, nil
	}
	current, err := r.devices.Get(ctx, caller.UserID, caller.SessionID)
	if errors.Is(err, session.ErrNotFound) {
		return false, session.ErrInvalid
	}
	return err == nil && r.now().Sub(current.CreatedAt) < RecentSignIn, err
}

// RequireSession refuses API tokens: what decides over how an account is
// signed in to is not theirs to change.
func RequireSession(caller principal.Principal) error {
	if caller.IsToken() {
		return ErrSessionRequired
	}
	return nil
}
