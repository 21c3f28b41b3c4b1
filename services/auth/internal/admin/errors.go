package admin

import "atrium.internal/pkg/apperr"

// The refusals of this package, beside those of package account.
var (
	ErrOwnRoles = apperr.New(apperr.PermissionDenied, "OWN_ROLES",
		"You can't change your own roles. Another administrator can.")
	ErrOwnSuspension = apperr.New(apperr.PermissionDenied, "OWN_SUSPENSION",
		"You can't suspend your own account. Another administrator can.")
	ErrOwnDeletion = apperr.New(apperr.PermissionDenied, "OWN_DELETION",
		"You can't delete your own account here. Delete it in your own settings.")
	ErrOwnTOTP = apperr.New(apperr.PermissionDenied, "OWN_TOTP",
		"You can't reset your own two-factor authentication here. Turn it off in your own settings, with a code.")
	// ErrPlanUnknown is what a store answers for a plan that is not there.
	ErrPlanUnknown = apperr.New(apperr.InvalidArgument, "PLAN_UNKNOWN",
		"There is no such plan.").WithField("plan", "there is no such plan")
)
