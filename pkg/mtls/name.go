package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Name is the URI by which a certificate names a service.
func Name(domain, service string) *url.URL {
	return &url.URL{Scheme: "spiffe", Host: domain, Path: "/" + service}
}

// nameIn gives the service that a certificate is for. The certificate must have
// one name of the trust domain: a URI and no other, or, from makers of
// certificates that know no URIs, the DNS name <service>.<trust domain>.
func nameIn(certificate *x509.Certificate, domain string) (string, error) {
	if len(certificate.URIs) == 0 {
		if service, ok := dnsName(certificate.DNSNames, domain); ok {
			return service, nil
		}
	}
	if len(certificate.URIs) != 1 {
		return "", fmt.Errorf("want one URI that names a service, not %d", len(certificate.URIs))
	}
	uri := certificate.URIs[0]
	service := strings.TrimPrefix(uri.Path, "/")
	if service == "" || strings.Contains(service, "/") || uri.String() != Name(domain, service).String() {
		return "", fmt.Errorf("%q is no service of the trust domain %q", uri, domain)
	}
	return service, nil
}

// dnsName finds the one DNS name of the trust domain.
func dnsName(names []string, domain string) (service string, ok bool) {
	for _, name := range names {
		label, in := strings.CutSuffix(name, "."+domain)
		if !in {
			continue
		}
		if ok || label == "" || strings.ContainsAny(label, ".*") {
			return "", false
		}
		service, ok = label, true
	}
	return service, ok
}

// peer gives the service at the other end of a connection whose certificate has
// been verified.
func (e *Endpoint) peer(state tls.ConnectionState) (string, error) {
	if len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return "", errors.New("the other end has no verified certificate")
	}
	return nameIn(state.PeerCertificates[0], e.domain)
}

// mustBe makes the check that the other end is one of the services, any of the
// trust domain when none is named.
func (e *Endpoint) mustBe(services []string) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		name, err := e.peer(state)
		if err != nil {
			return err
		}
		if len(services) > 0 && !slices.Contains(services, name) {
			return fmt.Errorf("the other end is %q, not %s", name, strings.Join(services, " or "))
		}
		return nil
	}
}
