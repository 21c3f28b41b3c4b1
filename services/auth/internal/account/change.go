package account

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// RequireOwnPassword refuses while the password is one that was made up: it was
// printed somewhere, and must not become a key that outlives it. The servers
// refuse everything else likewise, by what the caller's identity says; what
// outlives an identity asks the account itself. A password that the operator
// set is nobody's invention and never refused.
func (a *Accounts) RequireOwnPassword(ctx context.Context, id uuid.UUID) error {
	user, err := a.store.Get(ctx, id)
	if err == nil && user.MustChangePassword {
		return principal.ErrMadeUpPassword
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

// ChangePassword replaces a password whose holder knows it, or gives one to an
// account without, whose caller has signed in just now; current is then empty.
// Every session of the account but the caller's ends.
func (a *Accounts) ChangePassword(ctx context.Context, proof *Reauthentication, caller principal.Principal, current, replacement string) error {
	if err := RequireSession(caller); err != nil {
		return err
	}
	found, err := a.mayReplace(ctx, proof, caller, current)
	if err != nil {
		return err
	}
	if err := checkReplacement(found.User, current, replacement); err != nil {
		return err
	}
	hash, err := a.hasher.Hash(ctx, replacement)
	if err != nil {
		return err
	}
	ended, held, err := a.store.SetPassword(ctx, NewPassword{
		User: caller.UserID, From: found.PasswordHash, To: hash, Keep: caller.SessionID,
	})
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		a.notifier.Ended(ctx, ended)
	}
	a.notifier.Changed(ctx, held, false)
	return nil
}

// mayReplace gives the account whose password the caller may replace.
func (a *Accounts) mayReplace(ctx context.Context, proof *Reauthentication, caller principal.Principal, current string) (Credentials, error) {
	if current == "" {
		found, err := a.store.GetCredentials(ctx, caller.UserID)
		if err != nil {
			return Credentials{}, err
		}
		if found.HasPassword {
			return Credentials{}, apperr.Invalid("currentPassword", "is needed")
		}
		return found, proof.Require(ctx, caller, "")
	}
	found, ok, err := a.knows(ctx, caller, current)
	if err != nil || ok {
		return found, err
	}
	if err := a.store.PasswordRefused(ctx, caller.UserID); err != nil {
		return Credentials{}, err
	}
	return Credentials{}, ErrCurrentPassword
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
