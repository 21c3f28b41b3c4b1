package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// patience is how long an authority may take for a certificate that somebody
// will soon need.
const patience = 2 * time.Minute

// ErrHost refuses a certificate for a host that is not known to be served.
var ErrHost = errors.New("no certificate is to be had for this host")

// ACMEConfig says which authority to ask, and for what.
type ACMEConfig struct {
	Email, Directory string
	// CA is a file with the certificates by which to trust the authority's own
	// address; empty for the system's.
	CA string
	// Cache is a folder for the account and the certificates.
	Cache string
	// Host is the platform's, asked for at the start.
	Host string
	// Known tells whether another host is served. Without such a question
	// anybody could use up what the authority grants in a week.
	Known func(ctx context.Context, host string) (bool, error)
}

// ACME gets certificates when they are first needed, and renews them.
type ACME struct {
	config  ACMEConfig
	manager *autocert.Manager
	log     *slog.Logger
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// NewACME returns the source. It asks nobody yet.
func NewACME(cfg ACMEConfig, log *slog.Logger) *ACME {
	a := &ACME{config: cfg, log: log}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.manager = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Email: cfg.Email, Cache: autocert.DirCache(cfg.Cache), HostPolicy: a.policy,
		Client: &acme.Client{DirectoryURL: cfg.Directory, UserAgent: "atrium"},
	}
	return a
}

// Config serves certificates, and the authority's checks of TLS-ALPN-01.
func (a *ACME) Config() *tls.Config { return secure(a.get, acme.ALPNProto) }

// Challenges answers the authority's checks of HTTP-01, before next.
func (a *ACME) Challenges(next http.Handler) http.Handler { return a.manager.HTTPHandler(next) }

// Start reads what the authority is trusted by, and asks for the platform's
// certificate, so that the first visitor need not wait for it.
func (a *ACME) Start(context.Context) error {
	if a.config.CA != "" {
		pem, err := os.ReadFile(a.config.CA)
		if err != nil {
			return fmt.Errorf("ATRIUM_ACME_CA: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return fmt.Errorf("ATRIUM_ACME_CA: %s holds no certificate", a.config.CA)
		}
		a.manager.Client.HTTPClient = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		}}
	}
	if err := os.MkdirAll(a.config.Cache, 0o700); err != nil {
		return fmt.Errorf("ATRIUM_ACME_CACHE: %w", err)
	}
	a.Prepare(a.config.Host)
	return nil
}

// Stop waits for what is under way.
func (a *ACME) Stop(context.Context) error {
	a.cancel()
	a.running.Wait()
	return nil
}

// Prepare gets a host's certificate before it is needed.
func (a *ACME) Prepare(host string) {
	if a.ctx.Err() != nil {
		return
	}
	a.running.Go(func() {
		ready := make(chan struct{})
		go func() { // autocert can't be told to stop; it ends by its own timeout
			defer close(ready)
			// What browsers ask for: without these it would be a certificate for old clients.
			hello := &tls.ClientHelloInfo{
				ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
				SupportedCurves: []tls.CurveID{tls.CurveP256}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
			}
			if _, err := a.get(hello); err != nil {
				a.log.Warn("no TLS certificate yet", "host", host, "error", err)
			}
		}()
		select {
		case <-ready:
		case <-a.ctx.Done():
		case <-time.After(patience):
		}
	})
}

func (a *ACME) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return a.manager.GetCertificate(hello)
}

func (a *ACME) policy(ctx context.Context, host string) error {
	if name, _, err := net.SplitHostPort(host); err == nil { // checks over HTTP name the port they come to
		host = name
	}
	if host == a.config.Host {
		return nil
	}
	known, err := a.config.Known(ctx, host)
	if err == nil && !known {
		err = ErrHost
	}
	return err
}
