package certificate

import (
	"crypto/tls"

	"atrium.internal/pkg/lifecycle"
)

// Source gives certificates while it runs; Start fails if it can't have any.
type Source interface {
	lifecycle.Part
	// Config is for TLS listeners.
	Config() *tls.Config
}

// secure is what all sources agree on: TLS 1.2 at least, with the library's own
// choice of ciphers and key exchanges.
func secure(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: get,
		NextProtos: append([]string{"h2", "http/1.1"}, protocols...),
	}
}
