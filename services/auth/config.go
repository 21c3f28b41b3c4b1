package auth

import (
	"errors"
	"fmt"
	"net/mail"
	"time"

	"atrium.internal/pkg/config"
	"atrium.internal/services/auth/internal/account"
)

// Config is what an operator may set about accounts.
type Config struct {
	Registration  string        `name:"registration" env:"ATRIUM_REGISTRATION" default:"open" enum:"open,closed" help:"Whether anybody may register (open) or only administrators make accounts (closed)."`
	AdminEmail    string        `name:"admin-email" env:"ATRIUM_ADMIN_EMAIL" default:"admin@atrium.localhost" help:"E-mail address of the first administrator; used once, when there is none."`
	AdminPassword config.Secret `name:"admin-password" env:"ATRIUM_ADMIN_PASSWORD" help:"Password of the first administrator; without it one is made up and printed once."`
	SignIn        SignInLimits  `embed:""`
	OIDC          OIDC          `embed:""`
	Mail          Mail          `embed:""`
	HashSlots     int           `name:"password-hash-slots" env:"ATRIUM_PASSWORD_HASH_SLOTS" default:"0" help:"Passwords hashed at the same time; 0 is half of the cores."`

	// PublicURL is where browsers reach the platform, for addresses that leave
	// it. Set by the program that this service is part of.
	PublicURL string `kong:"-"`
}

// SignInLimits are how many wrong passwords are taken within a window; 0 is no
// limit. Only the address that they come from is held up.
type SignInLimits struct {
	PerLogin   int           `name:"sign-in-failures" env:"ATRIUM_SIGN_IN_FAILURES" default:"10" help:"Wrong passwords for one login from one address before that address has to wait; 0 is no limit."`
	PerAddress int           `name:"sign-in-failures-address" env:"ATRIUM_SIGN_IN_FAILURES_ADDRESS" default:"100" help:"Wrong passwords from one address, whatever the login, before it has to wait; 0 is no limit."`
	Window     time.Duration `name:"sign-in-window" env:"ATRIUM_SIGN_IN_WINDOW" default:"10m" help:"Time in which wrong passwords are counted, and the longest wait."`
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
		if _, err := account.CheckOperatorPassword("password", c.AdminPassword.Reveal()); err != nil {
			faults = append(faults, fmt.Errorf("ATRIUM_ADMIN_PASSWORD: %w", err))
		}
	}
	if c.HashSlots < 0 {
		faults = append(faults, errors.New("ATRIUM_PASSWORD_HASH_SLOTS: must not be negative"))
	}
	if c.SignIn.PerLogin < 0 || c.SignIn.PerAddress < 0 {
		faults = append(faults, errors.New("ATRIUM_SIGN_IN_FAILURES*: must not be negative"))
	}
	if c.SignIn.Window < time.Millisecond && c.SignIn.PerLogin+c.SignIn.PerAddress > 0 {
		faults = append(faults, errors.New("ATRIUM_SIGN_IN_WINDOW: must be positive"))
	}
	if _, err := c.OIDC.providers(c.Registration == registrationOpen); err != nil {
		faults = append(faults, err)
	}
	if err := c.Mail.Validate(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
