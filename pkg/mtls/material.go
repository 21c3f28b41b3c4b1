package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"atrium.internal/pkg/reload"
)

// material is what the files hold.
type material struct {
	certificate tls.Certificate
	authorities *x509.CertPool
}

// parser reads the certificate, its key and the authorities, and sees to it
// that the certificate is the service's own and one that the others believe.
func parser(domain, service string) func([]reload.File) (material, error) {
	return func(files []reload.File) (material, error) {
		if len(files) != 3 {
			return material{}, errors.New("want three files, not folders")
		}
		cert, key, ca := files[0], files[1], files[2]
		m := material{authorities: x509.NewCertPool()}
		if !m.authorities.AppendCertsFromPEM(ca.Content) {
			return material{}, fmt.Errorf("ATRIUM_SERVICE_CA: %s holds no certificate", ca.Path)
		}
		var err error
		if m.certificate, err = tls.X509KeyPair(cert.Content, key.Content); err != nil {
			return material{}, fmt.Errorf("ATRIUM_SERVICE_CERT, ATRIUM_SERVICE_KEY: %w", err)
		}
		name, err := nameIn(m.certificate.Leaf, domain)
		if err != nil {
			return material{}, fmt.Errorf("ATRIUM_SERVICE_CERT: %w", err)
		}
		if name != service {
			return material{}, fmt.Errorf("ATRIUM_SERVICE_CERT: %s is the certificate of %q, this is %q", cert.Path, name, service)
		}
		if err := m.believed(); err != nil {
			return material{}, fmt.Errorf("ATRIUM_SERVICE_CERT: %s: %w", cert.Path, err)
		}
		return m, nil
	}
}

// believed reports why peers with the same authorities would refuse the certificate.
func (m material) believed() error {
	between := x509.NewCertPool()
	for _, der := range m.certificate.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	_, err := m.certificate.Leaf.Verify(x509.VerifyOptions{
		Roots: m.authorities, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}
