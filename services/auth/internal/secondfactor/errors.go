package secondfactor

import (
	"errors"

	"atrium.internal/pkg/apperr"
)

// The refusals of this package.
var (
	// ErrRequired answers a right password of an account with two factors. Its
	// metadata carries the challenge that the second step needs.
	ErrRequired = apperr.New(apperr.Unauthenticated, "TOTP_REQUIRED",
		"Enter the code of your authenticator.")
	// ErrChallenge answers a second step whose first is unknown, too long ago,
	// used, or was guessed at too often.
	ErrChallenge = apperr.New(apperr.Unauthenticated, "TOTP_CHALLENGE_INVALID",
		"This sign-in has ended. Start again with your password.")
	// ErrSignInCode answers a wrong code at sign-in.
	ErrSignInCode = apperr.New(apperr.Unauthenticated, "TOTP_CODE_WRONG",
		"This code is wrong, or was used already.").WithField("code", "is wrong or was used already")
	// ErrCode answers a wrong code of somebody who is signed in.
	ErrCode = apperr.New(apperr.InvalidArgument, "TOTP_CODE_WRONG",
		"This code is wrong, or was used already.").WithField("code", "is wrong or was used already")
	// ErrEnabled answers an enrolment of an account that has two factors.
	ErrEnabled = apperr.New(apperr.Conflict, "TOTP_ENABLED",
		"Two-factor authentication is on already.")
	// ErrNotEnrolled answers a first code without an enrolment.
	ErrNotEnrolled = apperr.New(apperr.PreconditionFailed, "TOTP_NOT_ENROLLED",
		"Start setting up two-factor authentication first.")
	// ErrNotEnabled answers a change of what is off.
	ErrNotEnabled = apperr.New(apperr.PreconditionFailed, "TOTP_NOT_ENABLED",
		"Two-factor authentication is off.")
)

// withoutAuthenticator says what still works when an account's authenticator
// was guessed at too often.
func withoutAuthenticator(err error) error {
	var throttled *apperr.Error
	if errors.As(err, &throttled) && throttled.Kind == apperr.RateLimited {
		return throttled.WithMessage("Too many wrong codes for this account. Use a recovery code, or wait.")
	}
	return err
}
