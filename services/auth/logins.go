package auth

import (
	"strings"
	"time"

	"atrium.internal/pkg/keys"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/issuer"
	"atrium.internal/services/auth/internal/oidc"
	"atrium.internal/services/auth/internal/pgstore"
	"atrium.internal/services/auth/internal/session"
)

// newLogins puts logins at OpenID Connect providers together.
func newLogins(s *Service, accounts *account.Accounts, sessions *session.Manager) (*oidc.Logins, error) {
	open := s.cfg.Registration == registrationOpen
	providers, err := s.cfg.OIDC.providers(open)
	if err != nil {
		return nil, err
	}
	s.logins = pgstore.NewLogins(s.pool)
	s.issuers = issuer.New(s.deps.Log, strings.TrimRight(s.cfg.PublicURL, "/"), providers)
	return oidc.New(oidc.Options{
		Store: countedLogins{s.logins, s.measures}, Issuers: s.issuers, Providers: providers,
		Recent: account.NewReauthentication(accounts, sessions, time.Now).Recent,
		Key:    keys.Derive(s.deps.Key, "auth OpenID Connect logins"), Open: open, Now: time.Now,
	}), nil
}
