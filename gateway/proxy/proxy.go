package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"

	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

// EnterPath is where a ticket is posted on a workspace's host.
const EnterPath = "/_atrium/enter"

// Dialer opens a connection to a port of a running workspace; port 0 is its VS Code.
type Dialer interface {
	DialWorkspace(ctx context.Context, workspace uuid.UUID, port int) (net.Conn, error)
}

// Proxy serves workspace hosts.
type Proxy struct {
	entrance *entrance
	waker    *waker
	forward  *httputil.ReverseProxy
	streams  *session.Streams
}

// Config is where the platform and its workspaces are.
type Config struct {
	// PublicOrigin is the platform's, such as https://atrium.example.com.
	PublicOrigin string
	// Scheme of the workspace hosts: http or https.
	Scheme string
	// SeparateSite says that the workspaces' hosts are on another site than the
	// platform, in whose page they are shown.
	SeparateSite bool
	// Drain sends WebSockets away when the gateway stops; nil leaves them.
	Drain *drain.Drain
	// Users bounds what each user has under way; nil doesn't.
	Users *slots.Users
}

// New returns the handler of every workspace host.
func New(cfg Config, sessions *Sessions, streams *session.Streams, dialer Dialer, log *slog.Logger) *Proxy {
	p := &Proxy{entrance: &entrance{config: cfg, sessions: sessions}, waker: &waker{ide: sessions.ide, config: cfg}, streams: streams}
	p.forward = &httputil.ReverseProxy{
		Transport: &http.Transport{
			DialContext:         dialTo(dialer),
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true, // the browser and the workspace agree between them
		},
		FlushInterval:  -1,
		Rewrite:        rewrite,
		ModifyResponse: modifyResponse(cfg.PublicOrigin), //nolint:bodyclose // ReverseProxy closes it
		ErrorHandler:   p.failed,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return p
}

// ServeHTTP lets the holder of the workspace's cookie through.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == EnterPath {
		p.entrance.enter(w, r)
		return
	}
	if err := sameOrigin(r, p.entrance.config.Scheme); err != nil {
		problem.Write(w, r, err)
		return
	}
	holder, err := p.entrance.sessions.Resolve(r.Context(), r)
	if err != nil {
		p.entrance.refuse(w, r, err)
		return
	}
	if users := p.entrance.config.Users; users != nil {
		done, err := users.Take(holder.User, r)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		defer done()
	}
	if r.URL.Path == startPath || r.URL.Path == statePath {
		p.waker.serve(w, r, holder)
		return
	}
	ctx, release := p.streams.Bind(r.Context(), holder.Session)
	defer release()
	if r.Header.Get("Upgrade") != "" {
		var leave func()
		ctx, leave = p.entrance.config.Drain.Hold(ctx)
		defer leave()
	}
	if holder.Visitor {
		var done func()
		ctx, done = p.entrance.sessions.whileShared(ctx, r)
		defer done()
	}
	p.forward.ServeHTTP(w, r.WithContext(withTarget(ctx, target{holder.Workspace, holder.Port})))
}

// target is what a host leads to; port 0 is the workspace's VS Code.
type target struct {
	workspace uuid.UUID
	port      int
}

type targetKey struct{}

func withTarget(ctx context.Context, t target) context.Context {
	return context.WithValue(ctx, targetKey{}, t)
}

// rewrite addresses the workspace by its id and port, which dialTo reads again,
// so that idle connections are kept per target. VS Code sees the browser's own
// Host, against which it checks origins; a port's server, such as one for
// development, expects to be asked as localhost.
func rewrite(r *httputil.ProxyRequest) {
	t, _ := r.In.Context().Value(targetKey{}).(target)
	r.Out.URL.Scheme, r.Out.URL.Host = "http", net.JoinHostPort(t.workspace.String(), strconv.Itoa(t.port))
	r.Out.Host = r.In.Host
	stripCredentials(r.Out)
	r.Out.Header.Set("X-Forwarded-Host", r.In.Host)
	if t.port == 0 {
		return
	}
	r.Out.Host = net.JoinHostPort("localhost", strconv.Itoa(t.port))
	if r.Out.Header.Get("Origin") != "" { // sameOrigin let only this host's own through
		r.Out.Header.Set("Origin", origin("http", r.Out.Host))
	}
}

func dialTo(dialer Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		host, number, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		workspace, err := uuid.Parse(host)
		if err != nil {
			return nil, err
		}
		port, err := strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		return dialer.DialWorkspace(ctx, workspace, port)
	}
}

var errUnreachable = apperr.New(apperr.Unavailable, "WORKSPACE_UNREACHABLE", "The workspace does not answer. It may be stopped.")

func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // nobody is left to answer
	}
	if isStopped(err) {
		// A port's program would not be there after a start either.
		if t, _ := r.Context().Value(targetKey{}).(target); t.port != 0 || !p.waker.page(w, r) {
			problem.Write(w, r, errStopped)
		}
		return
	}
	var known *apperr.Error
	if errors.As(err, &known) && known.Kind != apperr.Internal {
		problem.Write(w, r, known)
		return
	}
	problem.Write(w, r, errUnreachable.WithCause(err))
}

// origin is the origin of a host on the given scheme, as browsers write it.
func origin(scheme, host string) string {
	return (&url.URL{Scheme: scheme, Host: host}).String()
}
