package secondfactor

import (
	"context"

	"github.com/google/uuid"
)

// try is a code that somebody gives.
type try struct {
	user      uuid.UUID
	address   string
	enrolment Enrolment
	code      string
	// count is called once the throttle has let the try through; it may refuse
	// it, or be nil.
	count func() error
}

// spend finds out what a code would use up and lets apply do so. It answers
// ErrCode for a wrong or used code, and account.ErrThrottled after too many.
func (f *Factors) spend(ctx context.Context, t try, apply func(Use) error) error {
	code := plain(t.code)
	forget, err := f.throttle(ctx, t.user, t.address, isTOTP(code))
	if err != nil {
		return err
	}
	if t.count != nil {
		if err := t.count(); err != nil {
			return err
		}
	}
	use := Use{User: t.user, Secret: t.enrolment.Secret}
	if isTOTP(code) {
		secret, err := f.sealer.Open(ctx, t.user, t.enrolment.Secret)
		if err != nil {
			return err
		}
		step, ok := stepOf(string(secret), code, t.enrolment.LastStep, f.now())
		if !ok {
			return ErrCode
		}
		use.Step = step
	} else {
		use.Recovery = recoveryHash(t.user, code)
	}
	if err := apply(use); err != nil {
		return err
	}
	forget()
	return nil
}

// throttle counts a try, and gives what takes the count back when the code was
// right. A recovery code can't be guessed, so it counts by address only.
func (f *Factors) throttle(ctx context.Context, user uuid.UUID, address string, guessable bool) (forget func(), err error) {
	id := "totp " + user.String()
	if err := f.throttles.Address.Take(ctx, id, address); err != nil {
		return nil, err
	}
	if !guessable {
		return func() { f.throttles.Address.Succeeded(ctx, id, address) }, nil
	}
	if err := f.throttles.Account.Take(ctx, id, ""); err != nil {
		return nil, withoutAuthenticator(err)
	}
	return func() {
		f.throttles.Address.Succeeded(ctx, id, address)
		f.throttles.Account.Succeeded(ctx, id, "")
	}, nil
}
