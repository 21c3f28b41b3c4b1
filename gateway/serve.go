package gateway

import (
	"net"
	"net/http"
	"time"

	"atrium.internal/pkg/lifecycle"
)

// Limits of every connection. Bodies and streams have bounds of their own.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 5 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Server makes the part that serves the gateway on a bound listener.
func (g *Gateway) Server(listener net.Listener, fail func(error)) lifecycle.Part {
	return &lifecycle.HTTP{
		Listener: listener, Fail: fail,
		Server: &http.Server{
			Handler:           g.handler,
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
		},
	}
}
