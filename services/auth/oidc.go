package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"atrium.internal/pkg/config"
	"atrium.internal/services/auth/internal/oidc"
)

// OIDC is which OpenID Connect providers one can sign in with: one by single
// settings, any number by a file.
type OIDC struct {
	File         string        `name:"oidc-config" env:"ATRIUM_OIDC_CONFIG" help:"YAML or JSON file with a list of OpenID Connect providers to sign in with."`
	Issuer       string        `name:"oidc-issuer" env:"ATRIUM_OIDC_ISSUER" help:"Issuer of the one OpenID Connect provider that needs no file."`
	ClientID     string        `name:"oidc-client-id" env:"ATRIUM_OIDC_CLIENT_ID" help:"Client id at that provider."`
	ClientSecret config.Secret `name:"oidc-client-secret" env:"ATRIUM_OIDC_CLIENT_SECRET" help:"Client secret at that provider; none for a public client."`
	Name         string        `name:"oidc-name" env:"ATRIUM_OIDC_NAME" default:"Single sign-on" help:"What people read on the button for that provider."`
}

// onlyID is the id of the provider that is set without a file.
const onlyID = "sso"

// providerEntry is a provider in the file.
type providerEntry struct {
	ID                string   `yaml:"id"`
	DisplayName       string   `yaml:"displayName"`
	Issuer            string   `yaml:"issuer"`
	ClientID          string   `yaml:"clientId"`
	ClientSecret      string   `yaml:"clientSecret"`
	ClientSecretFile  string   `yaml:"clientSecretFile"`
	Scopes            []string `yaml:"scopes"`
	AllowRegistration bool     `yaml:"allowRegistration"`
	LinkVerifiedEmail bool     `yaml:"linkVerifiedEmail"`
}

// providers reads what is configured. open says whether anybody may register.
func (c OIDC) providers(open bool) ([]oidc.Provider, error) {
	found, err := c.fromFile()
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_OIDC_CONFIG: %w", err)
	}
	setting := "ATRIUM_OIDC_CONFIG"
	switch {
	case c.Issuer != "":
		found = append(found, oidc.Provider{
			ID: onlyID, DisplayName: c.Name, Issuer: c.Issuer, ClientID: c.ClientID,
			ClientSecret: c.ClientSecret, Scopes: oidc.DefaultScopes,
		})
		setting = "ATRIUM_OIDC_*"
	case c.ClientID != "" || c.ClientSecret.IsSet():
		return nil, errors.New("ATRIUM_OIDC_ISSUER: is empty, though a client of it is set")
	}
	if err := oidc.Check(found, open); err != nil {
		return nil, fmt.Errorf("%s: %s", setting, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return found, nil
}

func (c OIDC) fromFile() ([]oidc.Provider, error) {
	if c.File == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	var entries []providerEntry
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&entries); err != nil && !errors.Is(err, io.EOF) {
		// The parser quotes what it can't take, which may be a secret.
		return nil, fmt.Errorf("%s: want a list of {id, displayName, issuer, clientId, clientSecret or clientSecretFile, scopes, allowRegistration, linkVerifiedEmail}; %s", c.File, lineOf(err))
	}
	var found []oidc.Provider
	for _, e := range entries {
		p, err := e.provider(filepath.Dir(c.File))
		if err != nil {
			return nil, fmt.Errorf("provider %q: %w", e.ID, err)
		}
		found = append(found, p)
	}
	return found, nil
}

// provider completes an entry; dir is where relative files are.
func (e providerEntry) provider(dir string) (oidc.Provider, error) {
	p := oidc.Provider{
		ID: e.ID, DisplayName: e.DisplayName, Issuer: e.Issuer, ClientID: e.ClientID,
		ClientSecret: config.Secret(e.ClientSecret), Scopes: e.Scopes,
		AllowRegistration: e.AllowRegistration, LinkVerifiedEmail: e.LinkVerifiedEmail,
	}
	if len(p.Scopes) == 0 {
		p.Scopes = oidc.DefaultScopes
	}
	if e.ClientSecretFile == "" {
		return p, nil
	}
	if p.ClientSecret.IsSet() {
		return p, errors.New("clientSecret and clientSecretFile: want one of them")
	}
	path := e.ClientSecretFile
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return p, fmt.Errorf("clientSecretFile: %w", err)
	}
	if p.ClientSecret = config.Secret(strings.TrimSpace(string(text))); !p.ClientSecret.IsSet() {
		return p, fmt.Errorf("clientSecretFile: %s is empty", path)
	}
	return p, nil
}

// lineOf keeps of a parser's fault where it is, and an unknown field's name.
func lineOf(err error) string {
	var faults *yaml.TypeError
	if !errors.As(err, &faults) {
		return "it is no YAML"
	}
	var kept []string
	for _, fault := range faults.Errors {
		place, what, _ := strings.Cut(fault, ": ")
		if !strings.HasPrefix(what, "field ") {
			what = "has a value of the wrong kind"
		}
		kept = append(kept, place+": "+strings.TrimSuffix(what, " in type auth.providerEntry"))
	}
	return strings.Join(kept, "; ")
}
