package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"atrium.internal/pkg/mtls"
)

// authorityLifetime is far longer than a deployment keeps its machines.
const authorityLifetime = 10 * 365 * 24 * time.Hour

// backdate lets machines whose clocks are behind believe a new certificate.
const backdate = 5 * time.Minute

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	pem         []byte
}

// openAuthority reads the authority of a folder, or makes one when there is
// none. Half of one is an error.
func openAuthority(dir, domain string, now time.Time) (*authority, error) {
	certPath, keyPath := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key")
	_, certErr := os.Stat(certPath)
	_, keyErr := os.Stat(keyPath)
	if errors.Is(certErr, fs.ErrNotExist) && errors.Is(keyErr, fs.ErrNotExist) {
		return newAuthority(certPath, keyPath, domain, now)
	}
	pair, err := tls.LoadX509KeyPair(certPath, keyPath)
	if err != nil {
		return nil, fmt.Errorf("the authority is not whole; nothing was changed: %w", err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is not an authority's; nothing was changed", certPath)
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("%s ended on %s; make a new one in another folder", certPath, pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	text, err := os.ReadFile(certPath)
	return &authority{certificate: pair.Leaf, key: key, pem: text}, err
}

func newAuthority(certPath, keyPath, domain string, now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Authority of the services of " + domain},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(authorityLifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	a := &authority{certificate: certificate, key: key, pem: encodeCertificate(der)}
	keyText, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	if err := write(keyPath, keyText, 0o600); err != nil {
		return nil, err
	}
	return a, write(certPath, a.pem, 0o644)
}

// issue makes a service's certificate and its key.
func (a *authority) issue(domain, service string, lifetime time.Duration, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	end := now.Add(lifetime)
	if end.After(a.certificate.NotAfter) {
		end = a.certificate.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: service},
		NotBefore: now.Add(-backdate), NotAfter: end,
		URIs: []*url.URL{mtls.Name(domain, service)}, DNSNames: []string{service},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	key, err = encodeKey(private)
	return encodeCertificate(der), key, err
}

// serial is 128 random bits.
func serial() *big.Int {
	number := make([]byte, 16)
	rand.Read(number)
	return new(big.Int).SetBytes(number)
}
