package account

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
)

// RequireOwnPassword refuses while the password is one that was made up: it was
// printed somewhere, and must not become a key that outlives it. Signing in and
// everything else works, so that a program can go on to replace the password;
// the pages ask for that before anything else. A password that the operator set
// is nobody's invention and never refused.
func (a *Accounts) RequireOwnPassword(ctx context.Context, id uuid.UUID) error {
	user, err := a.store.Get(ctx, id)
	if err == nil && user.MustChangePassword {
		return ErrPasswordNotOwn
	}
	return err
}

// NewPassword is a change of password to be stored.
type NewPassword struct {
	User uuid.UUID
	// From is the hash that was found right; the change holds only while it is
	// still the stored one.
	From, To string
	// Keep is the session that goes on.
	Keep uuid.UUID
}

// ChangePassword replaces a password whose holder knows it, and ends every
// session of the account but the caller's.
func (a *Accounts) ChangePassword(ctx context.Context, caller principal.Principal, current, replacement string) error {
	if err := RequireSession(caller); err != nil {
		return err
	}
	found, ok, err := a.knows(ctx, caller, current)
	if err != nil {
		return err
	}
	if !ok {
		if err := a.store.PasswordRefused(ctx, caller.UserID); err != nil {
			return err
		}
		return ErrCurrentPassword
	}
	if err := checkReplacement(found.User, current, replacement); err != nil {
		return err
	}
	hash, err := a.hasher.Hash(ctx, replacement)
	if err != nil {
		return err
	}
	ended, err := a.store.SetPassword(ctx, NewPassword{
		User: caller.UserID, From: found.PasswordHash, To: hash, Keep: caller.SessionID,
	})
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		a.notifier.Ended(ctx, ended)
	}
	return nil
}

// knows reports whether a password is the caller's own, and counts the try as
// one of signing in.
func (a *Accounts) knows(ctx context.Context, caller principal.Principal, password string) (Credentials, bool, error) {
	id := caller.UserID.String()
	if err := a.throttle.Take(ctx, id, caller.Client.Address); err != nil {
		return Credentials{}, false, err
	}
	found, err := a.store.GetCredentials(ctx, caller.UserID)
	if err != nil {
		return Credentials{}, false, err
	}
	ok, err := a.hasher.Matches(ctx, password, found.PasswordHash)
	if err != nil || !ok {
		return Credentials{}, false, err
	}
	a.throttle.Succeeded(ctx, id, caller.Client.Address)
	return found, true, nil
}

func checkReplacement(u User, current, replacement string) error {
	if current == replacement {
		return ErrSamePassword
	}
	return CheckPassword("newPassword", replacement, u.Email, u.Username)
}
