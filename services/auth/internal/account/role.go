package account

import (
	"slices"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// The roles. This file alone knows them; the contract repeats their names.
const (
	// RoleUser is the role that every account holds.
	RoleUser = "user"
	// RoleOwner is the role that may administrate administrators too.
	RoleOwner = "owner"
)

// ranks are the roles from the least to the most. Whoever holds a role holds
// those it includes.
var ranks = []struct {
	role     string
	includes []string
}{
	{role: RoleUser},
	{role: principal.RoleAdmin, includes: []string{RoleUser}},
	{role: RoleOwner, includes: []string{RoleUser, principal.RoleAdmin}},
}

// Roles gives the roles that an account holds when it is given some: those
// they include among them, the least first. An unknown one is refused.
func Roles(given ...string) ([]string, error) {
	held := map[string]bool{RoleUser: true}
	for _, role := range given {
		at := slices.IndexFunc(ranks, func(r struct {
			role     string
			includes []string
		},
		) bool {
			return r.role == role
		})
		if at < 0 {
			return nil, apperr.Invalid("roles", "there is no role "+role)
		}
		held[role] = true
		for _, included := range ranks[at].includes {
			held[included] = true
		}
	}
	var roles []string
	for _, r := range ranks {
		if held[r.role] {
			roles = append(roles, r.role)
		}
	}
	return roles, nil
}

// HasRole reports whether the account holds a role.
func (u User) HasRole(role string) bool { return slices.Contains(u.Roles, role) }
