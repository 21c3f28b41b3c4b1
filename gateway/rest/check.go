package rest

import (
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/problem"
)

var errCheckScope = apperr.New(apperr.PermissionDenied, "SCOPE_MISSING", "This API token lacks the scope for this call.").WithMetadata("scope", "account")

// Check lets a reverse proxy put its own sites behind the platform's sign-in,
// as nginx' auth_request and its like do: 204 with who it is, 401, or 403 for
// an API token without the scope "account" and for somebody who has yet to
// replace a made-up password. It asks nobody but the session's cache.
func Check(w http.ResponseWriter, r *http.Request) {
	caller, err := principal.SignedIn(r.Context())
	switch {
	case err != nil:
	case !caller.HasScope("account"):
		err = errCheckScope
	case caller.MustChangePassword:
		err = principal.ErrMadeUpPassword
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Auth-User-Id", caller.UserID.String())
	w.Header().Set("X-Auth-User", caller.Username)
	w.Header().Set("X-Auth-Roles", strings.Join(caller.Roles, ","))
	w.WriteHeader(http.StatusNoContent)
}
