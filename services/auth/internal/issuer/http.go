package issuer

import (
	"net/http"
	"time"
)

const (
	// patience bounds a request to a provider.
	patience = 10 * time.Second
	// maxAnswer bounds what a provider can make us read, in bytes.
	maxAnswer = 1 << 20
)

// newClient makes the client for all providers. It follows no redirect, so
// that a client's secret goes nowhere but to the address that was found.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       patience,
		Transport:     bounded{http.DefaultTransport.(*http.Transport).Clone()},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded cuts answers off that are too long.
type bounded struct{ *http.Transport }

// RoundTrip sends a request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.Transport.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	}
	return response, err
}
