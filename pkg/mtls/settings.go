package mtls

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"

	"atrium.internal/pkg/reload"
)

// Settings name the files of one program. Without any, connections are in the
// clear, which is for one machine or a network that nobody else is on.
type Settings struct {
	Cert        string `name:"service-cert" env:"ATRIUM_SERVICE_CERT" help:"File with this program's certificate (PEM), for mutual TLS between services; read again when it changes."`
	Key         string `name:"service-key" env:"ATRIUM_SERVICE_KEY" help:"File with the certificate's private key (PEM)."`
	CA          string `name:"service-ca" env:"ATRIUM_SERVICE_CA" help:"File with the authority, or authorities, of all services' certificates (PEM)."`
	TrustDomain string `name:"service-trust-domain" env:"ATRIUM_SERVICE_TRUST_DOMAIN" default:"atrium" help:"Trust domain in the certificates' names, spiffe://<trust domain>/<service>."`
}

// Endpoint is one service's side of its connections. A nil Endpoint is a
// service whose connections are in the clear.
type Endpoint struct {
	files  *reload.Value[material]
	domain string
}

// Open reads the files of the named service. It gives nil when none is set; if
// only some are, the error names those that are missing.
func Open(s Settings, service string, log *slog.Logger) (*Endpoint, error) {
	if s.Cert == "" && s.Key == "" && s.CA == "" {
		return nil, nil
	}
	var faults []error
	for _, setting := range []struct{ name, value string }{
		{"ATRIUM_SERVICE_CERT", s.Cert}, {"ATRIUM_SERVICE_KEY", s.Key}, {"ATRIUM_SERVICE_CA", s.CA},
	} {
		if setting.value == "" {
			faults = append(faults, fmt.Errorf("%s: needed, as mutual TLS between services takes a certificate, its key and the authority", setting.name))
		}
	}
	if s.TrustDomain == "" {
		faults = append(faults, errors.New("ATRIUM_SERVICE_TRUST_DOMAIN: must not be empty"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	files, err := reload.Open(log, parser(s.TrustDomain, service), s.Cert, s.Key, s.CA)
	if err != nil {
		return nil, fmt.Errorf("mutual TLS between services: %w", err)
	}
	return &Endpoint{files: files, domain: s.TrustDomain}, nil
}

// Certificate gives the program's own, as it is now.
func (e *Endpoint) Certificate() *x509.Certificate { return e.files.Get().certificate.Leaf }
