package gateway

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Config is the gateway's settings.
type Config struct {
	Listen      string     `name:"listen" env:"ATRIUM_LISTEN" default:"127.0.0.1:8080" help:"Address and port to serve on."`
	PublicURL   string     `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
	IDEDomain   string     `name:"ide-domain" env:"ATRIUM_IDE_DOMAIN" default:"ide.atrium.localhost:8080" help:"Domain, with its port, below which each workspace has a host of its own."`
	TrustedHops int        `name:"trusted-proxies" env:"ATRIUM_TRUSTED_PROXIES" default:"0" help:"How many proxies stand before the gateway and write X-Forwarded-For."`
	BodyLimit   int64      `name:"body-limit" env:"ATRIUM_BODY_LIMIT" default:"10485760" help:"Largest request body of the API, in bytes."`
	Limits      RateLimits `embed:""`
}

// Validate reports every fault of the settings at once.
func (c Config) Validate() error {
	var faults []error
	if _, err := c.publicOrigin(); err != nil {
		faults = append(faults, err)
	}
	if c.IDEDomain == "" || strings.ContainsAny(c.IDEDomain, "/ ") {
		faults = append(faults, errors.New("ATRIUM_IDE_DOMAIN: want a host name, with a port if it isn't the default one"))
	}
	if c.TrustedHops < 0 {
		faults = append(faults, errors.New("ATRIUM_TRUSTED_PROXIES: must not be negative"))
	}
	if c.Limits.API < 0 || c.Limits.AI < 0 || c.Limits.SignIn < 0 {
		faults = append(faults, errors.New("ATRIUM_RATE_LIMIT_*: must not be negative"))
	}
	if c.BodyLimit < 1 {
		faults = append(faults, errors.New("ATRIUM_BODY_LIMIT: must be positive"))
	}
	return errors.Join(faults...)
}

func (c Config) publicOrigin() (*url.URL, error) {
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("ATRIUM_PUBLIC_URL: want http(s)://host[:port] without a path, not %q", c.PublicURL)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
