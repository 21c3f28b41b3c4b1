package oidc

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"atrium.internal/pkg/config"
)

// Provider is an issuer that one can sign in with.
type Provider struct {
	// ID names it in addresses.
	ID          string
	DisplayName string
	// Issuer is the provider's own name for itself, letter by letter.
	Issuer   string
	ClientID string
	// ClientSecret is empty for a public client, which PKCE alone protects.
	ClientSecret config.Secret
	Scopes       []string
	// AllowRegistration lets unknown logins make accounts although
	// registration is closed.
	AllowRegistration bool
	// LinkVerifiedEmail gives an unknown login the account with its e-mail
	// address, if the provider vouches for the address.
	LinkVerifiedEmail bool
}

var (
	validID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	// DefaultScopes are asked for where the configuration names none.
	DefaultScopes = []string{"openid", "profile", "email"}
)

// Check reports everything that is wrong with a list of providers. open says
// whether anybody may register.
func Check(providers []Provider, open bool) error {
	var faults []error
	ids, issuers := map[string]bool{}, map[string]bool{}
	for _, p := range providers {
		for _, err := range p.faults(open) {
			faults = append(faults, fmt.Errorf("provider %q: %w", p.ID, err))
		}
		if ids[p.ID] {
			faults = append(faults, fmt.Errorf("provider %q: the id is used twice", p.ID))
		}
		// Its logins are known by issuer and subject, which two clients of one
		// issuer could tell differently.
		if issuers[p.Issuer] {
			faults = append(faults, fmt.Errorf("provider %q: the issuer is used twice", p.ID))
		}
		ids[p.ID], issuers[p.Issuer] = true, true
	}
	return errors.Join(faults...)
}

func (p Provider) faults(open bool) (faults []error) {
	if !validID.MatchString(p.ID) {
		faults = append(faults, errors.New("id: want up to 32 lower-case letters, digits and dashes"))
	}
	if p.DisplayName == "" {
		faults = append(faults, errors.New("displayName: is empty"))
	}
	if err := checkIssuer(p.Issuer); err != nil {
		faults = append(faults, fmt.Errorf("issuer: %w", err))
	}
	if p.ClientID == "" {
		faults = append(faults, errors.New("clientId: is empty"))
	}
	if !slices.Contains(p.Scopes, "openid") {
		faults = append(faults, errors.New("scopes: openid is missing"))
	}
	if p.LinkVerifiedEmail && open {
		// Whoever registers somebody else's address first would share the
		// account with its owner, once that one comes through the provider.
		faults = append(faults, errors.New("linkVerifiedEmail: needs ATRIUM_REGISTRATION=closed, because nobody checks the addresses that people register with"))
	}
	return faults
}

// checkIssuer wants https, or a host of this machine: everything that a login
// rests on is read from there.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("want https://host[/path], not %q", issuer)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())) {
		return fmt.Errorf("%q is not encrypted; want https://", issuer)
	}
	return nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
