package account

import "atrium.internal/pkg/apperr"

// The refusals of this package.
var (
	// ErrNotFound is what a store answers for an account that is not there.
	ErrNotFound = apperr.New(apperr.NotFound, "USER_NOT_FOUND", "This account does not exist.")
	// ErrCredentials is the one answer to every login that fails, so that it
	// does not tell which accounts exist.
	ErrCredentials = apperr.New(apperr.Unauthenticated, "INVALID_CREDENTIALS",
		"The login or the password is wrong.")
	ErrEmailTaken = apperr.New(apperr.Conflict, "EMAIL_TAKEN",
		"An account with this e-mail address exists already.").
		WithField("email", "belongs to another account")
	ErrUsernameTaken = apperr.New(apperr.Conflict, "USERNAME_TAKEN",
		"This username is taken.").WithField("username", "is taken")
	ErrRegistrationClosed = apperr.New(apperr.PermissionDenied, "REGISTRATION_CLOSED",
		"New accounts are made by an administrator here.")
	ErrPasswordTooCommon = apperr.New(apperr.InvalidArgument, "PASSWORD_TOO_COMMON",
		"This password is among the first that an attacker tries. Choose another one.")
	ErrCurrentPassword = apperr.New(apperr.InvalidArgument, "PASSWORD_WRONG",
		"The current password is wrong.").WithField("currentPassword", "is wrong")
	// ErrPassword answers a password that was to confirm something else than its
	// own change.
	ErrPassword = apperr.New(apperr.InvalidArgument, "PASSWORD_WRONG",
		"The password is wrong.").WithField("password", "is wrong")
	// ErrReauthenticationRequired answers a sensitive call of somebody whose
	// sign-in is too long ago to stand for it.
	ErrReauthenticationRequired = apperr.New(apperr.PreconditionFailed, "REAUTHENTICATION_REQUIRED",
		"Confirm this with your password, or sign in again first.")
	// ErrSessionRequired answers an API token that tries what only a signed-in
	// person may.
	ErrSessionRequired = apperr.New(apperr.PermissionDenied, "SESSION_REQUIRED",
		"This takes a signed-in person; an API token can't do it.")
	ErrSamePassword = apperr.New(apperr.InvalidArgument, "PASSWORD_UNCHANGED",
		"The new password is the current one.").WithField("newPassword", "must differ from the current password")
	// ErrPasswordMoved is what a store answers when the password was changed meanwhile.
	ErrPasswordMoved = apperr.New(apperr.Conflict, "PASSWORD_CHANGED_MEANWHILE",
		"The password was changed by somebody else in the meantime.")
	// ErrThrottled is what a throttle answers after too many wrong passwords.
	ErrThrottled = apperr.New(apperr.RateLimited, "SIGN_IN_THROTTLED",
		"Too many attempts failed from your address. Wait a while and try again.")
	ErrSettingsTooLarge = apperr.New(apperr.TooLarge, "SETTINGS_TOO_LARGE",
		"The settings would be larger than 16 KiB.").WithField("settings", "would be larger than 16 KiB")
)
