package account

import (
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// WithoutPassword makes an ordinary account on the free plan that is signed in
// to through a provider only. Its empty hash matches no password.
func WithoutPassword(email, username, fullName string) (Credentials, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Credentials{}, apperr.From(err)
	}
	return Credentials{User: User{
		ID: id, Email: normalise(email), Username: username, FullName: strings.TrimSpace(fullName),
		Roles: []string{RoleUser}, Active: true,
	}}, nil
}
