package transport

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// ErrRedirected is the answer of a provider's address that points elsewhere.
// Following it would hand the key to another host.
var ErrRedirected = errors.New("the provider's base URL redirects; configure where it leads to")

// NewClient makes a client for long streams: connecting is bounded, answering
// is not, since the generator watches that. Idle connections are kept so that
// a call seldom waits for a handshake.
func NewClient(connect time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: whole{&http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   connect,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       90 * time.Second,
			ExpectContinueTimeout: time.Second,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return ErrRedirected },
	}
}

// whole sends a request that is in memory in one go. The SDKs wrap bodies, which
// http.Transport then takes for something that it would have to wait for: it
// sends the head alone.
type whole struct{ *http.Transport }

func (w whole) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.GetBody == nil || r.Body == nil || r.Body == http.NoBody {
		return w.Transport.RoundTrip(r)
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	sent := *r
	sent.Body = body
	defer r.Body.Close() // nothing reads it
	return w.Transport.RoundTrip(&sent)
}
