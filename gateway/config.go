package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"atrium.internal/pkg/grpcx"
)

// Config is the gateway's settings.
type Config struct {
	Listen        string        `name:"listen" env:"ATRIUM_LISTEN" default:"127.0.0.1:8080" help:"Address and port to serve on."`
	PublicURL     string        `name:"public-url" env:"ATRIUM_PUBLIC_URL" default:"http://atrium.localhost:8080" help:"Where browsers reach the platform."`
	IDEDomain     string        `name:"ide-domain" env:"ATRIUM_IDE_DOMAIN" default:"ide.atrium.localhost:8080" help:"Domain, with its port, below which each workspace has a host of its own. It may be on another site than the platform."`
	AssetsURL     string        `name:"assets-url" env:"ATRIUM_ASSETS_URL" help:"Where browsers load the files below /assets/ from, as https://host[/path], if not from the platform: a content delivery network that fetches them here."`
	ServiceWorker bool          `name:"service-worker" env:"ATRIUM_SERVICE_WORKER" default:"true" negatable:"" help:"Whether browsers keep the program of the pages in a service worker, so that it opens faster and can say that it is offline. Without, one that they have removes itself at the next visit."`
	TrustedHops   int           `name:"trusted-proxies" env:"ATRIUM_TRUSTED_PROXIES" default:"0" help:"How many proxies stand before the gateway and write X-Forwarded-For."`
	TLS           TLS           `embed:""`
	BodyLimit     int64         `name:"body-limit" env:"ATRIUM_BODY_LIMIT" default:"10485760" help:"Largest request body of the API, in bytes."`
	AIBodyLimit   int64         `name:"body-limit-ai" env:"ATRIUM_BODY_LIMIT_AI" default:"33554432" help:"Largest request body that asks a model, which may hold a conversation with images, in bytes; at most 36 MiB."`
	StopDelay     time.Duration `name:"stop-delay" env:"ATRIUM_STOP_DELAY" default:"0s" help:"How long the gateway goes on taking requests after it has said at /readyz that it stops: as long as a load balancer that asks there needs to notice."`
	FileLimit     int64         `name:"file-limit" env:"ATRIUM_FILE_LIMIT" default:"104857600" help:"Largest single file that can be uploaded to a workspace, in bytes."`
	ArchiveLimit  int64         `name:"archive-limit" env:"ATRIUM_ARCHIVE_LIMIT" default:"1073741824" help:"Largest archive that can be uploaded to a workspace, in bytes as it is sent."`
	Limits        RateLimits    `embed:""`
	Traffic       Traffic       `embed:""`
}

// Validate reports every fault of the settings at once.
func (c Config) Validate() error {
	var faults []error
	if _, err := c.publicOrigin(); err != nil {
		faults = append(faults, err)
	}
	if err := c.validateAssetsURL(); err != nil {
		faults = append(faults, err)
	}
	if !canonical(c.IDEDomain) {
		faults = append(faults, fmt.Errorf("ATRIUM_IDE_DOMAIN: want a host name as browsers send it (lower case, xn-- for other letters, a port only if it isn't the default one), not %q", c.IDEDomain))
	}
	if c.StopDelay < 0 {
		faults = append(faults, errors.New("ATRIUM_STOP_DELAY: must not be negative"))
	}
	if c.TrustedHops < 0 {
		faults = append(faults, errors.New("ATRIUM_TRUSTED_PROXIES: must not be negative"))
	}
	if c.Limits.API < 0 || c.Limits.AI < 0 || c.Limits.SignIn < 0 {
		faults = append(faults, errors.New("ATRIUM_RATE_LIMIT_*: must not be negative"))
	}
	if c.BodyLimit < 1 || c.AIBodyLimit < 1 || c.FileLimit < 1 || c.ArchiveLimit < 1 {
		faults = append(faults, errors.New("ATRIUM_BODY_LIMIT, ATRIUM_BODY_LIMIT_AI, ATRIUM_FILE_LIMIT and ATRIUM_ARCHIVE_LIMIT: must be positive"))
	}
	if most := int64(grpcx.MaxMessageBytes - 4<<20); c.AIBodyLimit > most {
		faults = append(faults, fmt.Errorf("ATRIUM_BODY_LIMIT_AI: must be at most %d, which is what services take", most))
	}
	return errors.Join(append(faults, c.TLS.validate(), c.Traffic.validate())...)
}

func (c Config) publicOrigin() (*url.URL, error) {
	u, err := url.Parse(c.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("ATRIUM_PUBLIC_URL: want http(s)://host[:port] without a path, not %q", c.PublicURL)
	}
	if defaultPort := map[string]string{"http": "80", "https": "443"}[u.Scheme]; u.Port() == defaultPort || !canonical(u.Host) {
		return nil, fmt.Errorf("ATRIUM_PUBLIC_URL: want the host as browsers send it (lower case, xn-- for other letters, a port only if it isn't the default one), not %q", u.Host)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// validateAssetsURL refuses what a browser would not load scripts from, and
// what can't be named in a content security policy.
func (c Config) validateAssetsURL() error {
	if c.AssetsURL == "" {
		return nil
	}
	u, err := url.Parse(c.AssetsURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !canonical(u.Host) ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, pathCharacters) != "" {
		return errors.New("ATRIUM_ASSETS_URL: want https://host[:port][/path] as browsers send it, with nothing after the path")
	}
	if u.Scheme == "http" && strings.HasPrefix(c.PublicURL, "https:") {
		return errors.New("ATRIUM_ASSETS_URL: must be https, as ATRIUM_PUBLIC_URL is: browsers load no script for such a page from http")
	}
	return nil
}

const pathCharacters = "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"

// assetsOrigin is where assets come from, if not from the platform.
func (c Config) assetsOrigin() string {
	u, err := url.Parse(c.AssetsURL)
	if err != nil || c.AssetsURL == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// canonical reports whether a host, with or without a port, is written as
// browsers send it: hosts are compared exactly, so another form matches nothing.
func canonical(host string) bool {
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if name = h; port == "" {
			return false
		}
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); ip != nil {
		return true
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
