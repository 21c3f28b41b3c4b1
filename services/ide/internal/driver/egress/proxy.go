package egress

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// dialWithin bounds how long a connection outwards may take.
const dialWithin = 15 * time.Second

// proxy is the HTTP proxy of one sandbox. Requests to it by name of another
// server (CONNECT, or a whole URL) go there; requests without one go to the
// platform, so that programs that know no proxies reach it too.
type proxy struct {
	platform *url.URL
	at       string // where to connect to for the platform; empty: its URL tells
	log      *slog.Logger
	public   net.Dialer // held to the policy
	direct   net.Dialer // for the platform only
	web      *httputil.ReverseProxy
	tunnels  tunnels
}

func newProxy(policy Policy, platform Platform, log *slog.Logger) *proxy {
	p := &proxy{platform: platform.URL, at: platform.Address, log: log}
	p.public = net.Dialer{Timeout: dialWithin, Control: policy.control}
	p.direct = net.Dialer{Timeout: dialWithin}
	p.web = &httputil.ReverseProxy{
		Rewrite: p.rewrite,
		Transport: &http.Transport{
			DialContext: p.dial, Proxy: nil, DisableCompression: true, ForceAttemptHTTP2: false,
			MaxIdleConns: 16, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: dialWithin,
		},
		FlushInterval: -1, // answers of models come in pieces
		ErrorHandler:  p.failed,
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return p
}

// rewrite sends requests without a server's name to the platform.
func (p *proxy) rewrite(r *httputil.ProxyRequest) {
	if r.In.URL.Host != "" {
		return
	}
	r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = p.platform.Scheme, p.platform.Host, p.platform.Host
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Host != "" && r.URL.Scheme != "http":
		http.Error(w, "Atrium's proxy for workspaces carries http:// only; ask for others by CONNECT.", http.StatusBadRequest)
	default:
		p.web.ServeHTTP(w, r)
	}
}

// connect joins the client with a server.
func (p *proxy) connect(w http.ResponseWriter, r *http.Request) {
	out, err := p.dial(r.Context(), "tcp", r.Host)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	in, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		out.Close()
		p.failed(w, r, err)
		return
	}
	if _, err := io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		in.Close()
		out.Close()
		return
	}
	p.tunnels.join(in, buffered.Reader, out)
}

// failed says in words what is in the way.
func (p *proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		p.log.InfoContext(r.Context(), "a workspace's connection was refused", "address", refused.Address.String(), "reason", refused.Why)
		http.Error(w, "Atrium: "+refused.Error()+".", http.StatusForbidden)
		return
	}
	p.log.DebugContext(r.Context(), "a workspace's connection failed", "error", err)
	http.Error(w, "Atrium: the server can't be reached.", http.StatusBadGateway)
}

// dial connects to host:port, held to the policy unless it is the platform.
func (p *proxy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if !p.isPlatform(address) {
		return p.public.DialContext(ctx, network, address)
	}
	if p.at != "" {
		address = p.at
	} else if host := p.platform.Hostname(); host == "localhost" || strings.HasSuffix(host, ".localhost") {
		// Such names are this machine, but few resolvers know it.
		address = net.JoinHostPort("127.0.0.1", port(p.platform))
	}
	return p.direct.DialContext(ctx, network, address)
}

func (p *proxy) isPlatform(address string) bool {
	host, number, err := net.SplitHostPort(address)
	return err == nil && strings.EqualFold(host, p.platform.Hostname()) && number == port(p.platform)
}

func port(u *url.URL) string {
	if number := u.Port(); number != "" {
		return number
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// tunnels are the connections that were joined, which a server no longer owns.
type tunnels struct {
	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
	done   sync.WaitGroup
}

// join copies between in, of which some was read ahead, and out until both
// directions have ended.
func (t *tunnels) join(in net.Conn, ahead io.Reader, out net.Conn) {
	defer in.Close()
	defer out.Close()
	if !t.add(in, out) {
		return
	}
	defer t.remove(in, out)
	var both sync.WaitGroup
	both.Go(func() { relay(out, ahead, in, out) })
	both.Go(func() { relay(in, out, in, out) })
	both.Wait()
}

func relay(to net.Conn, from io.Reader, ends ...net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		return
	}
	for _, end := range ends {
		end.Close()
	}
}

func (t *tunnels) add(conns ...net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	if t.open == nil {
		t.open = map[net.Conn]bool{}
	}
	for _, c := range conns {
		t.open[c] = true
	}
	t.done.Add(1)
	return true
}

func (t *tunnels) remove(conns ...net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range conns {
		delete(t.open, c)
	}
	t.done.Done()
}

func (t *tunnels) close() {
	t.mu.Lock()
	t.closed = true
	for c := range t.open {
		c.Close()
	}
	t.mu.Unlock()
	t.done.Wait()
}
