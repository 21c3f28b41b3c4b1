package proxy

import (
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"
)

var errOrigin = apperr.New(apperr.PermissionDenied, "CROSS_ORIGIN_REFUSED", "The request comes from another origin.")

// sameOrigin refuses what other origins, sibling workspaces among them, make a
// browser send to this one. Their requests carry this host's cookie, since all
// hosts share a site. Following a link or framing the page is all they may do,
// and the frame-ancestors policy limits the latter to the platform.
func sameOrigin(r *http.Request, scheme string) error {
	own := origin(scheme, r.Host)
	if from := r.Header.Get("Origin"); from != "" && from != own {
		return errOrigin
	}
	upgrade := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	if upgrade && r.Header.Get("Origin") == "" {
		return errOrigin
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	navigates := r.Header.Get("Sec-Fetch-Mode") == "navigate"
	if navigates && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return nil
	}
	return errOrigin
}
