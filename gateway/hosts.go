package gateway

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/health"

	"atrium.internal/gateway/problem"
)

var errHost = apperr.New(apperr.NotFound, "HOST_UNKNOWN", "This host name is not served here.")

// byHost sends a request to the platform or to a workspace by its exact Host.
// Health checks are answered on any host, since probes know none; people who
// typed localhost are sent to the platform's own.
func byHost(origin *url.URL, ideDomain string, healthy, platform, workspace http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := strings.ToLower(r.Host)
		switch {
		case host == origin.Host:
			if health.Is(r.URL.Path) {
				healthy.ServeHTTP(w, r)
				return
			}
			platform.ServeHTTP(w, r)
		case isWorkspace(host, ideDomain):
			workspace.ServeHTTP(w, r)
		case health.Is(r.URL.Path):
			healthy.ServeHTTP(w, r)
		case isLoopback(host) && (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasPrefix(r.URL.Path, "/api/"):
			http.Redirect(w, r, origin.Scheme+"://"+origin.Host+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		default:
			problem.Write(w, r, errHost.WithMessage("This host name is not served here; the platform is at "+origin.String()+"."))
		}
	})
}

func isWorkspace(host, ideDomain string) bool {
	label, ok := strings.CutSuffix(host, "."+ideDomain)
	return ok && isLabel(label)
}

// isLabel reports whether text is one label of a host name, as workspaces have.
func isLabel(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
