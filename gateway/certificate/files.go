package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// look is how often files are looked at. Their folder isn't watched, since
// renewed files come by renaming, symbolic links or network file systems.
const look = 5 * time.Second

// Files is a certificate in files, read again whenever they change.
type Files struct {
	cert, key, host string
	log             *slog.Logger
	current         atomic.Pointer[tls.Certificate]
	seen            [2]os.FileInfo
	stop            context.CancelFunc
	running         sync.WaitGroup
}

// NewFiles returns the source; host is one that the certificate should cover.
func NewFiles(cert, key, host string, log *slog.Logger) *Files {
	return &Files{cert: cert, key: key, host: host, log: log}
}

// Config serves the certificate as it is at each handshake.
func (f *Files) Config() *tls.Config {
	return secure(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil })
}

// Current gives the certificate; it is nil before the start.
func (f *Files) Current() *x509.Certificate {
	if pair := f.current.Load(); pair != nil {
		return pair.Leaf
	}
	return nil
}

// Start reads the files, and follows them.
func (f *Files) Start(context.Context) error {
	if _, err := f.refresh(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	f.running.Go(func() { f.follow(ctx) })
	return nil
}

// Stop ends following.
func (f *Files) Stop(context.Context) error {
	if f.stop != nil {
		f.stop()
	}
	f.running.Wait()
	return nil
}

func (f *Files) follow(ctx context.Context) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.look(ctx)
		}
	}
}

// look keeps the certificate that there is when the new one is no good, as in
// the moment between the renewal of one file and of the other.
func (f *Files) look(ctx context.Context) {
	changed, err := f.refresh()
	switch {
	case err != nil:
		f.log.WarnContext(ctx, "the changed TLS certificate can't be used, the one before stays", "error", err)
	case changed:
		f.log.InfoContext(ctx, "the TLS certificate was read again", "expires", f.Current().NotAfter)
	}
}

// refresh reads the files if they are not those that were read before.
func (f *Files) refresh() (changed bool, err error) {
	var now [2]os.FileInfo
	for i, path := range []string{f.cert, f.key} {
		if now[i], err = os.Stat(path); err != nil {
			return false, err
		}
	}
	if same(f.seen[0], now[0]) && same(f.seen[1], now[1]) {
		return false, nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return false, errors.Join(errors.New("ATRIUM_TLS_CERT and ATRIUM_TLS_KEY don't make a certificate"), err)
	}
	if err := pair.Leaf.VerifyHostname(f.host); err != nil {
		f.log.Warn("the TLS certificate is not for the platform's host", "host", f.host, "error", err)
	}
	f.current.Store(&pair)
	f.seen = now
	return true, nil
}

func same(a, b os.FileInfo) bool {
	return a != nil && os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
