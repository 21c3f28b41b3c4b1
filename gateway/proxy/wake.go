package proxy

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// Paths on a workspace's host that its waiting page asks.
const (
	startPath = "/_atrium/start"
	statePath = "/_atrium/state"
)

// notRunning is the ide service's reason for a workspace that has no editor.
const notRunning = "WORKSPACE_NOT_RUNNING"

// errStopped is what programs are told of such a workspace: it may be there in a
// moment, once its owner has asked for it.
var errStopped = apperr.New(apperr.Unavailable, notRunning,
	"The workspace is not running. Its owner starts it by opening it in the browser.").WithRetryAfter(10 * time.Second)

// waker starts stopped workspaces for their owners, who see how that goes.
type waker struct {
	ide    idev1.WorkspaceServiceClient
	config Config
}

//go:embed waiting.html
var waitingPage string

var waiting = template.Must(template.New("waiting").Parse(waitingPage))

// page answers a navigation to a workspace that does not run: with a page that
// asks for the start by itself if the person came here on their own, from a
// bookmark or by reloading, and that waits for a click when another page led
// here. A request for anything else starts nothing.
func (k *waker) page(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") || r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return false
	}
	from := r.Header.Get("Sec-Fetch-Site")
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", "10")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors "+k.config.PublicOrigin)
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = waiting.Execute(w, struct {
		Nonce, Home, Start, State string
		Now                       bool
	}{nonce, k.config.PublicOrigin, startPath, statePath, from == "none" || from == "same-origin"})
	return true
}

// serve answers the waiting page. Other origins were refused before.
func (k *waker) serve(w http.ResponseWriter, r *http.Request, holder Holder) {
	ctx := principal.With(r.Context(), holder.owner)
	id := holder.Workspace.String()
	switch {
	case r.URL.Path == startPath && r.Method == http.MethodPost && r.Header.Get("Origin") != "":
		if _, err := k.ide.StartWorkspace(ctx, &idev1.StartWorkspaceRequest{Id: id}); err != nil {
			problem.Write(w, r, err)
			return
		}
		k.state(ctx, w, r, id)
	case r.URL.Path == statePath && r.Method == http.MethodGet:
		k.state(ctx, w, r, id)
	default:
		problem.Write(w, r, errMethod.WithMessage("This is asked otherwise."))
	}
}

// step is one thing that has happened since the workspace was asked for.
type step struct {
	Message string    `json:"message"`
	Time    time.Time `json:"time"`
}

func (k *waker) state(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) {
	space, err := k.ide.GetWorkspace(ctx, &idev1.GetWorkspaceRequest{Id: id})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	events, err := k.ide.ListEvents(ctx, &idev1.ListEventsRequest{WorkspaceId: id})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	steps := []step{}
	for _, e := range events.GetEvents() {
		if e.GetStep() == "volume" { // where a start begins
			steps = steps[:0]
		}
		steps = append(steps, step{e.GetMessage(), e.GetTime().AsTime()})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the reader may be gone
		"name": space.GetName(), "status": space.GetStatus(), "reason": space.GetStatusReason(), "steps": steps,
	})
}

// isStopped reports whether an error of a connection means that the workspace
// does not run.
func isStopped(err error) bool {
	var known *apperr.Error
	return errors.As(err, &known) && known.Reason == notRunning
}
