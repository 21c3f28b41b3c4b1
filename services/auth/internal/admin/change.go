package admin

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"atrium.internal/services/auth/internal/account"
)

// Change is what is changed about an account; nil leaves a thing as it is.
type Change struct {
	Roles  []string
	Plan   *string
	Active *bool
	// NoTOTP turns two-factor authentication off.
	NoTOTP bool
}

// Update applies a change. It holds at once: a suspended account's sessions
// end, its API tokens are refused until it is active again, and whatever it is
// signed in with has its new roles and plan from the next call on.
func (u *Users) Update(ctx context.Context, by, id uuid.UUID, c Change) (account.User, error) {
	interrupt := false
	changed, err := u.store.Change(ctx, by, id, func(s account.Standing) (account.User, error) {
		after, err := apply(s, c)
		interrupt = lostOne(s.Target.Roles, after.Roles) || s.Target.Active && !after.Active
		return after, err
	})
	if err != nil {
		return account.User{}, u.noted(ctx, Refusal{By: by, User: id, Action: Update, Wanted: c.wanted()}, err)
	}
	if len(changed.Ended) > 0 {
		u.notifier.Ended(ctx, changed.Ended)
	}
	if len(changed.Held) > 0 {
		u.notifier.Changed(ctx, changed.Held, interrupt)
	}
	return changed.User, nil
}

// apply is the rules: what an account becomes, or why it does not.
func apply(s account.Standing, c Change) (account.User, error) {
	after, own := s.Target, s.Actor.ID == s.Target.ID
	if c.Roles != nil {
		roles, err := account.Roles(c.Roles...)
		if err != nil {
			return account.User{}, err
		}
		after.Roles = roles
	}
	if c.Plan != nil {
		after.Plan = *c.Plan
	}
	if c.Active != nil {
		after.Active = *c.Active
	}
	if c.NoTOTP {
		after.TOTPEnabled, after.RecoveryCodesLeft = false, 0
	}
	if err := s.CheckAdmin(); err != nil {
		return account.User{}, err
	}
	roles, suspended := !slices.Equal(s.Target.Roles, after.Roles), s.Target.Active && !after.Active
	if lostOwner := s.Target.HasRole(account.RoleOwner) && !after.HasRole(account.RoleOwner); lostOwner || suspended {
		if err := s.CheckOwnerStays(); err != nil {
			return account.User{}, err
		}
	}
	switch {
	case own && roles:
		return account.User{}, ErrOwnRoles
	case own && suspended:
		return account.User{}, ErrOwnSuspension
	case own && s.Target.TOTPEnabled && !after.TOTPEnabled:
		return account.User{}, ErrOwnTOTP
	case after.HasRole(account.RoleOwner) && !s.Actor.HasRole(account.RoleOwner):
		return account.User{}, account.ErrOwnerRequired
	}
	return after, nil
}

func lostOne(before, after []string) bool {
	return slices.ContainsFunc(before, func(role string) bool { return !slices.Contains(after, role) })
}

// wanted is a change as the audit log shows it.
func (c Change) wanted() map[string]any {
	wanted := map[string]any{}
	if c.Roles != nil {
		wanted["roles"] = c.Roles
	}
	if c.Plan != nil {
		wanted["plan"] = *c.Plan
	}
	if c.Active != nil {
		wanted["isActive"] = *c.Active
	}
	if c.NoTOTP {
		wanted["totpEnabled"] = false
	}
	return wanted
}
