package authority

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"atrium.internal/pkg/mtls"
)

// Options are what Renew makes.
type Options struct {
	// Dir holds the authority, ca.pem and ca.key, and a folder for each service
	// with cert.pem, key.pem and ca.pem.
	Dir string
	// TrustDomain and Services make the names.
	TrustDomain string
	Services    []string
	// Lifetime is that of a service's certificate.
	Lifetime time.Duration
}

// Renew sees to it that every service has a certificate with at least a third
// of its lifetime left, and gives the services that got a new one. The
// authority is made when there is none. Files that this authority did not make
// are an error, and then nothing is changed.
func Renew(o Options, now time.Time) (renewed []string, err error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	a, err := openAuthority(o.Dir, o.TrustDomain, now)
	if err != nil {
		return nil, err
	}
	for _, service := range o.Services {
		good, err := a.good(o, service, now)
		if err != nil {
			return nil, err
		}
		if !good {
			renewed = append(renewed, service)
		}
	}
	for _, service := range renewed {
		cert, key, err := a.issue(o.TrustDomain, service, o.Lifetime, now)
		if err != nil {
			return nil, err
		}
		if err := writeService(filepath.Join(o.Dir, service), a.pem, cert, key); err != nil {
			return nil, err
		}
	}
	return renewed, nil
}

// writeService puts the certificate in place before its key: one without a key
// is made again, while a key alone might be anybody's.
func writeService(dir string, authority, cert, key []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "ca.pem"), authority, 0o644); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, "cert.pem"), cert, 0o644); err != nil {
		return err
	}
	return write(filepath.Join(dir, "key.pem"), key, 0o600)
}

// good reports whether the service's certificate can stay.
func (a *authority) good(o Options, service string, now time.Time) (bool, error) {
	certPath, keyPath := filepath.Join(o.Dir, service, "cert.pem"), filepath.Join(o.Dir, service, "key.pem")
	text, err := os.ReadFile(certPath)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(keyPath); err == nil {
			return false, fmt.Errorf("%s is there without a certificate; nothing was changed", keyPath)
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	certificate, err := decodeCertificate(text)
	if err != nil {
		return false, fmt.Errorf("%s: %w; nothing was changed", certPath, err)
	}
	if err := certificate.CheckSignatureFrom(a.certificate); err != nil {
		return false, fmt.Errorf("%s was not made by this authority; nothing was changed", certPath)
	}
	// Its key may be lost, or an earlier run cut short.
	_, err = tls.LoadX509KeyPair(certPath, keyPath)
	return err == nil && current(certificate, o, service, now), nil
}

func current(certificate *x509.Certificate, o Options, service string, now time.Time) bool {
	named := len(certificate.URIs) == 1 && certificate.URIs[0].String() == mtls.Name(o.TrustDomain, service).String()
	left := certificate.NotAfter.Sub(now)
	return named && left > certificate.NotAfter.Sub(certificate.NotBefore)/3
}
