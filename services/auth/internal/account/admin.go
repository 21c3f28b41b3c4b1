package account

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
)

// Admins keeps the one account that a deployment begins with.
type Admins interface {
	// CreateFirst adds an account unless some account holds the role admin;
	// created says which. It answers ErrEmailTaken or ErrUsernameTaken, and of
	// several callers at once one creates.
	CreateFirst(ctx context.Context, c Credentials) (created bool, err error)
	// HasAdmin reports whether some account holds the role admin.
	HasAdmin(ctx context.Context) (bool, error)
}

// FirstAdmin is the account that a deployment began with.
type FirstAdmin struct {
	Email string
	// Password is set only when it was made up here; it is kept nowhere else.
	Password string
	// Created is false when the deployment has an administrator already.
	Created bool
}

// EnsureAdmin makes the first administrator where there is none. Without a
// password it makes one up, which is to be changed at the first login. Registering the same address earlier or later
// gives nobody the role.
func EnsureAdmin(ctx context.Context, admins Admins, hasher Hasher, email, password string) (FirstAdmin, error) {
	if found, err := admins.HasAdmin(ctx); err != nil || found {
		return FirstAdmin{}, err
	}
	first := FirstAdmin{Email: normalise(email), Created: true}
	madeUp := password == ""
	if madeUp {
		first.Password = rand.Text()
		password = first.Password
	}
	created, err := createAdmin(ctx, admins, hasher, first.Email, "admin", password, madeUp)
	if errors.Is(err, ErrUsernameTaken) {
		name := "admin-" + strings.ToLower(rand.Text()[:6])
		created, err = createAdmin(ctx, admins, hasher, first.Email, name, password, madeUp)
	}
	if err != nil || !created {
		return FirstAdmin{}, err
	}
	return first, nil
}

func createAdmin(ctx context.Context, admins Admins, hasher Hasher, email, username, password string, madeUp bool) (bool, error) {
	user, err := newUser(Registration{Email: email, Username: username, Password: password})
	if err != nil {
		return false, err
	}
	if user.Roles, err = Roles(RoleOwner); err != nil {
		return false, err
	}
	user.MustChangePassword = madeUp
	hash, err := hasher.Hash(ctx, password)
	if err != nil {
		return false, err
	}
	return admins.CreateFirst(ctx, Credentials{User: user, PasswordHash: hash})
}
