package gateway

import (
	"errors"
	"log/slog"
	"net/url"
	"time"

	"atrium.internal/gateway/certificate"
)

// TLS is how the gateway serves https by itself: with files, or with
// certificates that an ACME authority such as Let's Encrypt gives it.
type TLS struct {
	Cert          string        `name:"tls-cert" env:"ATRIUM_TLS_CERT" help:"File with the certificate and its chain (PEM), for the platform's host and the wildcard of workspaces. Read again when it changes."`
	Key           string        `name:"tls-key" env:"ATRIUM_TLS_KEY" help:"File with the certificate's key (PEM)."`
	ACMEEmail     string        `name:"acme-email" env:"ATRIUM_ACME_EMAIL" help:"Get certificates by ACME, and accept the authority's terms of service; it may write to this address."`
	ACMEDirectory string        `name:"acme-directory" env:"ATRIUM_ACME_DIRECTORY" default:"https://acme-v02.api.letsencrypt.org/directory" help:"The ACME authority."`
	ACMECA        string        `name:"acme-ca" env:"ATRIUM_ACME_CA" help:"File with the certificates (PEM) by which to trust a private ACME authority's own address."`
	ACMECache     string        `name:"acme-cache" env:"ATRIUM_ACME_CACHE" help:"Folder that keeps the ACME account and certificates, shared by all gateways. Without it certificates in the data directory."`
	Redirect      string        `name:"redirect-listen" env:"ATRIUM_REDIRECT_LISTEN" help:"Address and port of a plain-HTTP listener that only leads to https, and answers an ACME authority's checks; usually :80."`
	HSTS          time.Duration `name:"hsts-max-age" env:"ATRIUM_HSTS_MAX_AGE" default:"4320h" help:"How long browsers are to insist on https, when the public URL is https; 0 doesn't ask them to."`
}

func (t TLS) validate() error {
	var faults []error
	if (t.Cert == "") != (t.Key == "") {
		faults = append(faults, errors.New("ATRIUM_TLS_CERT and ATRIUM_TLS_KEY: want both or neither"))
	}
	if t.Cert != "" && t.ACMEEmail != "" {
		faults = append(faults, errors.New("ATRIUM_TLS_CERT and ATRIUM_ACME_EMAIL: want one of them"))
	}
	if t.ACMEEmail != "" && t.ACMECache == "" {
		faults = append(faults, errors.New("ATRIUM_ACME_CACHE: certificates by ACME need a folder to be kept in"))
	}
	if t.HSTS < 0 {
		faults = append(faults, errors.New("ATRIUM_HSTS_MAX_AGE: must not be negative"))
	}
	return errors.Join(faults...)
}

func (t TLS) enabled() bool { return t.Cert != "" || t.ACMEEmail != "" }

// certificates gives where certificates come from; nil is plain HTTP.
func (g *Gateway) certificates() certificate.Source {
	switch t := g.config.TLS; {
	case t.Cert != "":
		return certificate.NewFiles(t.Cert, t.Key, g.origin.Hostname(), g.deps.Log)
	case t.ACMEEmail != "":
		return g.acme
	}
	return nil
}

// sayScheme says it when the public URL and what is served don't fit. Either
// may be meant, behind a proxy that nobody told Atrium of.
func (c Config) sayScheme(origin *url.URL, log *slog.Logger) {
	secure := origin.Scheme == "https"
	switch {
	case secure && !c.TLS.enabled() && c.TrustedHops == 0:
		log.Warn("the public URL is https, but this gateway serves plain HTTP and trusts no proxy: set ATRIUM_TLS_CERT, ATRIUM_ACME_EMAIL or ATRIUM_TRUSTED_PROXIES",
			"url", origin.String())
	case !secure && c.TLS.enabled():
		log.Warn("this gateway serves https, but the public URL is http: set ATRIUM_PUBLIC_URL", "url", origin.String())
	case !secure && c.TrustedHops > 0:
		log.Warn("proxies are trusted, but the public URL is http: browsers keep session cookies only over https or on localhost", "url", origin.String())
	}
}

// hsts is how long browsers are to insist on https.
func (c Config) hsts(origin *url.URL) time.Duration {
	if origin.Scheme != "https" {
		return 0
	}
	return c.TLS.HSTS
}
