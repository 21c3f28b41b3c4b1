package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/middleware/signin"
	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

// CookieName is a workspace host's own cookie.
const CookieName = session.ReservedPrefix + "workspace"

// maxForm bounds the posted ticket.
const maxForm = 4096

var (
	errMethod  = apperr.New(apperr.InvalidArgument, "METHOD_NOT_FOUND", "A ticket is posted as a form.")
	errForm    = apperr.New(apperr.InvalidArgument, "TICKET_MISSING", "The form has no ticket.")
	errForeign = apperr.New(apperr.PermissionDenied, "CROSS_ORIGIN_REFUSED", "Only the platform's own page may hand over a ticket.")
)

// entrance swaps tickets for cookies.
type entrance struct {
	config   Config
	sessions *Sessions
}

func (e *entrance) enter(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors "+e.config.PublicOrigin)
	if r.Method != http.MethodPost {
		problem.Write(w, r, errMethod)
		return
	}
	if r.Header.Get("Origin") != e.config.PublicOrigin {
		problem.Write(w, r, errForeign)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil || r.PostForm.Get("ticket") == "" {
		problem.Write(w, r, errForm)
		return
	}
	ctx := principal.With(r.Context(), principal.Principal{Kind: principal.Service, Client: signin.Client(r)})
	redeemed, err := e.sessions.ide.RedeemTicket(ctx, &idev1.RedeemTicketRequest{
		Ticket: r.PostForm.Get("ticket"), Host: r.Host,
	})
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	age := int(time.Until(redeemed.GetExpiresAt().AsTime()).Seconds())
	http.SetCookie(w, e.cookie(redeemed.GetSessionToken(), age))
	location := withFile(localPath(redeemed.GetLocation()), r.Host, r.PostForm.Get("file"), r.PostForm.Get("line"))
	http.Redirect(w, r, location, http.StatusSeeOther)
}

// cookie makes the workspace host's cookie. On a site of its own the workspace
// is a third party in the platform's page: browsers then keep only cookies that
// say so, and that are good in the frame of this one platform alone.
func (e *entrance) cookie(token string, age int) *http.Cookie {
	cookie := session.Cookie(CookieName, token, age) //nolint:gosec // Cookie sets them all
	if e.config.SeparateSite {
		cookie.SameSite, cookie.Partitioned = http.SameSiteNoneMode, true
	}
	return cookie
}

// localPath keeps a redirect on this host.
func localPath(location string) string {
	if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.HasPrefix(location, `/\`) {
		return "/"
	}
	return location
}

// withFile lets VS Code begin with a file of the folder that it opens, and the
// cursor in a line of it, from 1. A name that leads anywhere else is let go: the
// workspace opens without it.
func withFile(location, host, file, line string) string {
	at, err := url.Parse(location)
	if err != nil || file == "" || !filepath.IsLocal(file) {
		return location
	}
	query := at.Query()
	uri := url.URL{Scheme: "vscode-remote", Host: host, Path: path.Join(query.Get("folder"), file)}
	open := [][2]string{{"openFile", uri.String()}}
	if number, err := strconv.ParseUint(line, 10, 31); err == nil && number > 0 {
		open = [][2]string{{"openFile", fmt.Sprintf("%s:%d:1", uri.String(), number)}, {"gotoLineMode", "true"}}
	}
	payload, err := json.Marshal(open)
	if err != nil || query.Get("folder") == "" {
		return location
	}
	query.Set("payload", string(payload))
	at.RawQuery = query.Encode()
	return at.String()
}

var refusal = template.Must(template.New("refusal").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Open this workspace from Atrium</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem">
<h1 style="font-size:1.25rem">Open this workspace from Atrium</h1>
<p>{{.Message}}</p><p><a href="{{.Home}}/ide" target="_top">Go to your workspaces</a></p>
<p><small>Request {{.RequestID}}</small></p>
`))

// refuse answers people with a page and programs with the error shape.
func (e *entrance) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var known *apperr.Error
	page := strings.Contains(r.Header.Get("Accept"), "text/html")
	if !page || !errors.As(err, &known) {
		problem.Write(w, r, err)
		return
	}
	body := problem.Of(r, err).Error
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors "+e.config.PublicOrigin)
	w.WriteHeader(body.Code)
	_ = refusal.Execute(w, struct{ Message, Home, RequestID string }{body.Message, e.config.PublicOrigin, body.RequestID})
}
