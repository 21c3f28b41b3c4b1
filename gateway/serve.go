package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"atrium.internal/pkg/expiry"
	"atrium.internal/pkg/lifecycle"

	"atrium.internal/gateway/certificate"
	"atrium.internal/gateway/wire"
)

const (
	// pingAfter is when a silent HTTP/2 connection is asked whether it lives, and
	// pingPatience how long it has to say so.
	pingAfter, pingPatience = 30 * time.Second, 15 * time.Second
	// redirectHeaderBytes is plenty for a request that is only led elsewhere.
	redirectHeaderBytes = 16 << 10
)

// Server makes the part that serves the gateway on a bound listener, with TLS
// as the settings want it.
func (g *Gateway) Server(listener net.Listener, fail func(error)) lifecycle.Part {
	group := &lifecycle.Group{Log: g.deps.Log, Grace: g.deps.Drain.Grace}
	var config *tls.Config
	if certificates := g.certificates(); certificates != nil {
		group.Add("certificates", certificates)
		config = certificates.Config()
		if files, ok := certificates.(*certificate.Files); ok { // what an authority gives is renewed by itself
			group.Add("certificate expiry", expiry.New(g.deps.Log, "https", files.Current))
		}
	}
	// A server that shuts down forgets the connections that became WebSockets.
	group.Add("websockets", lifecycle.Func{OnStop: func(ctx context.Context) error {
		if left := g.deps.Drain.Wait(ctx); left > 0 {
			g.deps.Log.WarnContext(ctx, "streams and websockets were cut off", "count", left)
		}
		return nil
	}})
	group.Add("https", g.part(listener, config, g.config.wire(), g.handler, fail))
	if g.config.TLS.Redirect != "" {
		group.Add("redirect", &redirectPart{gateway: g, fail: fail})
	}
	// Still served, so that a load balancer learns of it.
	group.Add("unready", lifecycle.Func{OnStop: func(context.Context) error {
		g.deps.Drain.Announce()
		time.Sleep(g.config.StopDelay)
		return nil
	}})
	return lifecycle.Func{
		OnStart: func(ctx context.Context) error {
			g.config.sayScheme(g.origin, g.deps.Log)
			return group.Start(ctx)
		},
		OnStop: func(ctx context.Context) error {
			err := group.Stop(ctx)
			_ = listener.Close() // where the start failed, nobody else does; otherwise it is closed already
			return err
		},
	}
}

// part serves one listener.
func (g *Gateway) part(listener net.Listener, config *tls.Config, limits wire.Limits, handler http.Handler, fail func(error)) *lifecycle.HTTP {
	traffic := g.config.Traffic
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: traffic.HeaderTimeout,
		IdleTimeout:       traffic.IdleTimeout,
		MaxHeaderBytes:    limits.HeaderBytes,
		ConnState:         wire.Watch,
		ErrorLog:          slog.NewLogLogger(g.deps.Log.Handler(), slog.LevelDebug),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: traffic.HTTP2Streams,
			SendPingTimeout:      pingAfter, PingTimeout: pingPatience, WriteByteTimeout: pingAfter,
		},
	}
	server.RegisterOnShutdown(g.deps.Drain.Leave)
	return &lifecycle.HTTP{Listener: wire.Wrap(listener, config, limits, g.deps.Log), Fail: fail, Server: server}
}

// redirectPart binds the plain-HTTP listener when it starts.
type redirectPart struct {
	gateway *Gateway
	fail    func(error)
	http    *lifecycle.HTTP
}

// Start binds and serves.
func (p *redirectPart) Start(ctx context.Context) error {
	g := p.gateway
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.config.TLS.Redirect)
	if err != nil {
		return fmt.Errorf("ATRIUM_REDIRECT_LISTEN: %w", err)
	}
	limits := g.config.wire()
	limits.HeaderBytes = min(limits.HeaderBytes, redirectHeaderBytes)
	p.http = g.part(listener, nil, limits, g.redirect(), p.fail)
	return p.http.Start(ctx)
}

// Stop ends serving.
func (p *redirectPart) Stop(ctx context.Context) error {
	if p.http == nil {
		return nil
	}
	return p.http.Stop(ctx)
}
