package slots

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/household"
	"atrium.internal/pkg/principal"

	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/problem"
)

const pause = 2 * time.Second

var (
	errBusy    = apperr.New(apperr.Unavailable, "SERVER_BUSY", "The server is busy. Try again soon.").WithRetryAfter(pause)
	errAddress = apperr.New(apperr.RateLimited, "TOO_MANY_REQUESTS_AT_ONCE", "Too many requests are under way from your address.").WithRetryAfter(pause)
	errUser    = apperr.New(apperr.RateLimited, "TOO_MANY_REQUESTS_AT_ONCE", "Too many of your requests are under way.").WithRetryAfter(pause)
	errStreams = apperr.New(apperr.RateLimited, "TOO_MANY_STREAMS", "You have too many open streams. Close a tab or a program that you no longer need.").WithRetryAfter(pause)
)

// Everyone bounds all requests together and those of each address; 0 is no limit.
func Everyone(all, perAddress int) func(http.Handler) http.Handler {
	slots := New()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			release, ok := slots.take("", all)
			if !ok {
				problem.Write(w, r, errBusy)
				return
			}
			defer release()
			release, ok = slots.take("address:"+household.Of(clientaddr.From(r.Context())), perAddress)
			if !ok {
				problem.Write(w, r, errAddress)
				return
			}
			defer release()
			next.ServeHTTP(w, r)
		})
	}
}

// Users bounds what each signed-in user has under way; 0 is no limit.
type Users struct {
	Requests, Streams int

	slots *Slots
}

// NewUsers returns the bound, with nothing under way.
func NewUsers(requests, streams int) *Users {
	return &Users{Requests: requests, Streams: streams, slots: New()}
}

// Take takes a place for a user's request, or gives the refusal.
func (u *Users) Take(user uuid.UUID, r *http.Request) (release func(), err error) {
	kind, limit, refusal := "request:", u.Requests, errUser
	if Streams(r) {
		kind, limit, refusal = "stream:", u.Streams, errStreams
	}
	release, ok := u.slots.take(kind+user.String(), limit)
	if !ok {
		return nil, refusal
	}
	return release, nil
}

// Middleware bounds requests by the user whom their context names.
func (u *Users) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := principal.From(r.Context())
		if p.Kind != principal.User {
			next.ServeHTTP(w, r)
			return
		}
		release, err := u.Take(p.UserID, r)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		defer release()
		next.ServeHTTP(w, r)
	})
}

// Streams reports whether the request asks for an answer that stays open.
func Streams(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream") ||
		strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
