package e2e

import (
	"log/slog"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/mtls"
)

// makeCertificates makes those of services that are programs of their own, as
// an operator does.
func (p *platform) makeCertificates(dir string) {
	p.t.Helper()
	if p.mode == "one process" {
		return
	}
	out, err := exec.Command(filepath.Join(p.bin, "atrium"), "certs", dir).CombinedOutput()
	require.NoError(p.t, err, "%s", out)
	p.certs = dir
}

// envOf gives a program the settings of all and its own certificate.
func (p *platform) envOf(program string) []string {
	if p.certs == "" {
		return p.env
	}
	own := p.certificate(strings.TrimSuffix(program, "d"))
	// First, so that a test can set others for all.
	return append([]string{"ATRIUM_SERVICE_CERT=" + own.Cert, "ATRIUM_SERVICE_KEY=" + own.Key, "ATRIUM_SERVICE_CA=" + own.CA}, slices.Clone(p.env)...)
}

// certificate names a service's files.
func (p *platform) certificate(service string) mtls.Settings {
	file := func(name string) string { return filepath.Join(p.certs, service, name) }
	return mtls.Settings{Cert: file("cert.pem"), Key: file("key.pem"), CA: file("ca.pem"), TrustDomain: "atrium"}
}

// endpoint speaks for a service, as whoever took over its program could.
func (p *platform) endpoint(t *testing.T, service string) *mtls.Endpoint {
	t.Helper()
	endpoint, err := mtls.Open(p.certificate(service), service, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NotNil(t, endpoint)
	return endpoint
}
