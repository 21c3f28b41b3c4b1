package secondfactor

import (
	"context"
	"errors"
	"time"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
)

// Throttles bound the guessing of codes.
type Throttles struct {
	// Address counts by account and address together, and by address alone.
	Address account.Throttle
	// Account counts by account alone, against guessing from everywhere at
	// once. It holds authenticators' codes up and no recovery codes, which
	// nobody can guess: so the holder is never locked out.
	Account account.Throttle
}

// Factors applies the rules of this package.
type Factors struct {
	store      Store
	challenges Challenges
	sealer     Sealer
	throttles  Throttles
	reauth     *account.Reauthentication
	now        func() time.Time
}

// New makes the rules' keeper; now is the clock.
func New(store Store, challenges Challenges, sealer Sealer, throttles Throttles, reauth *account.Reauthentication, now func() time.Time) *Factors {
	return &Factors{store: store, challenges: challenges, sealer: sealer, throttles: throttles, reauth: reauth, now: now}
}

// Enroll makes a secret for the caller's authenticator, which shows it under
// the e-mail address. Nothing is asked for at sign-in before Confirm has seen
// a code of it.
func (f *Factors) Enroll(ctx context.Context, caller principal.Principal, email string) (secret, uri string, err error) {
	if err := account.RequireSession(caller); err != nil {
		return "", "", err
	}
	if secret, uri, err = newSecret(email); err != nil {
		return "", "", err
	}
	sealed, err := f.sealer.Seal(ctx, caller.UserID, []byte(secret))
	if err != nil {
		return "", "", err
	}
	return secret, uri, f.store.Enrol(ctx, caller.UserID, sealed)
}

// Confirm turns two factors on with the authenticator's first code, and gives
// the recovery codes, here and never again.
func (f *Factors) Confirm(ctx context.Context, caller principal.Principal, code string) ([]string, error) {
	enrolment, err := f.store.Get(ctx, caller.UserID)
	if err == nil && enrolment.Confirmed {
		err = ErrEnabled
	}
	return f.renew(ctx, caller, enrolment, err, Enable, code)
}

// RenewRecoveryCodes replaces the recovery codes; it takes a code of the authenticator.
func (f *Factors) RenewRecoveryCodes(ctx context.Context, caller principal.Principal, code string) ([]string, error) {
	enrolment, err := f.store.Get(ctx, caller.UserID)
	if errors.Is(err, ErrNotEnrolled) || err == nil && !enrolment.Confirmed {
		err = ErrNotEnabled
	}
	return f.renew(ctx, caller, enrolment, err, Renew, code)
}

func (f *Factors) renew(ctx context.Context, caller principal.Principal, enrolment Enrolment, err error, c Change, code string) ([]string, error) {
	if err := errors.Join(account.RequireSession(caller), err); err != nil {
		return nil, err
	}
	codes, hashes := newRecoveryCodes(caller.UserID)
	return codes, f.change(ctx, caller, enrolment, c, code, func(use Use) error {
		return f.store.Change(ctx, c, use, hashes)
	})
}

// Disable turns two factors off for a caller who gives a code, a recovery
// code or the password, or who signed in just now.
func (f *Factors) Disable(ctx context.Context, caller principal.Principal, password, code string) error {
	if err := account.RequireSession(caller); err != nil {
		return err
	}
	enrolment, err := f.store.Get(ctx, caller.UserID)
	if errors.Is(err, ErrNotEnrolled) {
		return ErrNotEnabled
	}
	if err != nil {
		return err
	}
	if code != "" {
		return f.change(ctx, caller, enrolment, Disable, code, func(use Use) error {
			return f.store.Disable(ctx, caller.UserID, &use)
		})
	}
	if err := f.reauth.Require(ctx, caller, password); err != nil {
		return err
	}
	return f.store.Disable(ctx, caller.UserID, nil)
}

// change spends the code of somebody who is signed in.
func (f *Factors) change(ctx context.Context, caller principal.Principal, enrolment Enrolment, c Change, code string, apply func(Use) error) error {
	attempt := try{user: caller.UserID, address: caller.Client.Address, enrolment: enrolment, code: code}
	err := f.spend(ctx, attempt, apply)
	if errors.Is(err, ErrCode) {
		if err := f.store.CodeRefused(ctx, caller.UserID, c); err != nil {
			return err
		}
	}
	return err
}
