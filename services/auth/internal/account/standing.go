package account

import (
	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// The refusals of who administrates whom.
var (
	// ErrNotAdmin refuses somebody whose role was taken in the meantime.
	ErrNotAdmin = apperr.New(apperr.PermissionDenied, "PERMISSION_DENIED", "You may not do this.")
	// ErrOwnerRequired refuses an administrator what only owners may do.
	ErrOwnerRequired = apperr.New(apperr.PermissionDenied, "OWNER_REQUIRED",
		"Only an owner may change an owner's account, or make somebody an owner.")
	// ErrLastOwner keeps a deployment from being left without an owner.
	ErrLastOwner = apperr.New(apperr.Conflict, "LAST_OWNER",
		"This is the last owner. Make somebody else an owner first.")
)

// Standing is how one account stands to another. A store reads it under one
// lock with the change that is decided on it, so that no two changes at once
// can each rely on what the other takes away.
type Standing struct {
	// Actor is who acts; the zero User for one who is no longer there.
	Actor User
	// Target is whose account it is, which may be the actor's own.
	Target User
	// Owners is how many owners there are that are not suspended.
	Owners int
}

// CheckAdmin refuses an actor who may not administrate the target.
func (s Standing) CheckAdmin() error {
	if !s.Actor.Active || !s.Actor.HasRole(principal.RoleAdmin) {
		return ErrNotAdmin
	}
	if s.Target.HasRole(RoleOwner) && !s.Actor.HasRole(RoleOwner) {
		return ErrOwnerRequired
	}
	return nil
}

// CheckOwnerStays refuses to take the last owner away.
func (s Standing) CheckOwnerStays() error {
	if s.Target.HasRole(RoleOwner) && s.Target.Active && s.Owners <= 1 {
		return ErrLastOwner
	}
	return nil
}
