package mtls

import (
	"crypto/tls"
	"net"
)

// server is the configuration of one incoming connection.
func (e *Endpoint) server(services []string) *tls.Config {
	m := e.files.Get()
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{m.certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: m.authorities,
		VerifyConnection: e.mustBe(services),
		// A resumed connection would be believed by what held earlier.
		SessionTicketsDisabled: true,
	}
}

// Client is the configuration of one outgoing connection to the named service,
// nil for one in the clear. Each connection needs a new one.
func (e *Endpoint) Client(service string) *tls.Config {
	if e == nil {
		return nil
	}
	m := e.files.Get()
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{m.certificate},
		RootCAs: m.authorities, ServerName: service,
		VerifyConnection: e.mustBe([]string{service}),
	}
}

// Listener takes connections of the named services only.
func (e *Endpoint) Listener(inner net.Listener, services ...string) net.Listener {
	if e == nil {
		return inner
	}
	return tls.NewListener(inner, &tls.Config{
		MinVersion:         tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return e.server(services), nil },
	})
}
