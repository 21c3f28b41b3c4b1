package auth

import (
	"errors"
	"fmt"
	"net/mail"

	"atrium.internal/pkg/config"
	"atrium.internal/services/auth/internal/account"
)

// Config is what an operator may set about accounts.
type Config struct {
	Registration  string        `name:"registration" env:"ATRIUM_REGISTRATION" default:"open" enum:"open,closed" help:"Whether anybody may register (open) or only administrators make accounts (closed)."`
	AdminEmail    string        `name:"admin-email" env:"ATRIUM_ADMIN_EMAIL" default:"admin@atrium.localhost" help:"E-mail address of the first administrator; used once, when there is none."`
	AdminPassword config.Secret `name:"admin-password" env:"ATRIUM_ADMIN_PASSWORD" help:"Password of the first administrator; without it one is made up and printed once."`
	HashSlots     int           `name:"password-hash-slots" env:"ATRIUM_PASSWORD_HASH_SLOTS" default:"0" help:"Passwords hashed at the same time; 0 is half of the cores."`
}

// Registration modes.
const (
	registrationOpen   = "open"
	registrationClosed = "closed"
)

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	if c.Registration != registrationOpen && c.Registration != registrationClosed {
		faults = append(faults, fmt.Errorf("ATRIUM_REGISTRATION: want %s or %s, not %q", registrationOpen, registrationClosed, c.Registration))
	}
	if a, err := mail.ParseAddress(c.AdminEmail); err != nil || a.Address != c.AdminEmail {
		faults = append(faults, fmt.Errorf("ATRIUM_ADMIN_EMAIL: %q is not an e-mail address", c.AdminEmail))
	}
	if c.AdminPassword.IsSet() {
		if err := account.CheckPassword(c.AdminPassword.Reveal(), c.AdminEmail, "admin"); err != nil {
			faults = append(faults, fmt.Errorf("ATRIUM_ADMIN_PASSWORD: %w", err))
		}
	}
	if c.HashSlots < 0 {
		faults = append(faults, errors.New("ATRIUM_PASSWORD_HASH_SLOTS: must not be negative"))
	}
	return errors.Join(faults...)
}
