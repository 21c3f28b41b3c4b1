package gateway

import (
	"net"
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/middleware/accesslog"
	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/pace"
	"atrium.internal/gateway/middleware/requestid"
	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/wire"
)

var errPlain = apperr.New(apperr.PermissionDenied, "HTTPS_REQUIRED", "This address takes requests over https only.")

// redirect leads from plain HTTP to the same page over https, on hosts that
// are served there. What would change something is refused instead: it has
// gone over the network in the open, and a redirect would hide that.
func (g *Gateway) redirect() http.Handler {
	lead := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, ok := g.secureHost(r.Host)
		switch {
		case !ok:
			problem.Write(w, r, errHost)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			problem.Write(w, r, errPlain)
		default:
			http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusPermanentRedirect)
		}
	})
	var handler http.Handler = lead
	if g.acme != nil {
		handler = g.acme.Challenges(lead)
	}
	return chain(handler,
		requestid.Middleware,
		clientaddr.Middleware(g.config.TrustedHops),
		accesslog.Middleware(g.deps.Log),
		wire.Middleware(g.config.wire()),
		slots.Everyone(g.config.Traffic.Requests, g.config.Traffic.AddressRequests),
		pace.Middleware(g.config.Traffic.pace()),
	)
}

// secureHost gives the host, with its port over https, that a name stands for.
func (g *Gateway) secureHost(hostport string) (host string, ok bool) {
	name := strings.ToLower(withoutPort(hostport))
	if name == g.origin.Hostname() {
		return g.origin.Host, true
	}
	domain := withoutPort(g.config.IDEDomain)
	if label, ok := strings.CutSuffix(name, "."+domain); ok && isLabel(label) {
		return label + "." + g.config.IDEDomain, true
	}
	return "", false
}

func withoutPort(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}
