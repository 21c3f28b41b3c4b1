package audit

import (
	"context"
	"strings"
	"sync/atomic"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// CallRefused is the type of the entries of refused calls that no other tells of.
const CallRefused = "call.refused"

// trail is whether a call wrote an entry itself.
type trail struct{ written atomic.Bool }

type trailKey struct{}

func mark(ctx context.Context) {
	if t, ok := ctx.Value(trailKey{}).(*trail); ok {
		t.written.Store(true)
	}
}

// Begin gives the context of a call, by which Refused knows whether it wrote an
// entry of its own.
func (r *Refusals) Begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, trailKey{}, &trail{})
}

// Refused notes a call that was refused, unless it has told of that itself. The
// context is one of Begin's and carries the caller; target is the id that the
// call named, or empty. What could not have worked, and what failed for reasons
// of our own, is no refusal.
func (r *Refusals) Refused(ctx context.Context, method, target string, err *apperr.Error) {
	if t, ok := ctx.Value(trailKey{}).(*trail); ok && t.written.Load() {
		return
	}
	if caller, _ := principal.From(ctx); caller.Kind == principal.Service {
		return // a gateway that asks about somebody; who that is, the asked one knows
	}
	switch err.Kind {
	case apperr.PermissionDenied, apperr.Conflict, apperr.RateLimited, apperr.QuotaExceeded:
	case apperr.Unauthenticated:
		if err.Reason == principal.ErrUnauthenticated.Reason {
			return // a visitor, not somebody with a wrong key
		}
	default:
		return
	}
	r.note(ctx, Entry{
		EventType: CallRefused, ResourceType: "call", ResourceID: target,
		Action: method[strings.LastIndex(method, "/")+1:], Error: err.Reason, Metadata: map[string]any{"method": method},
	})
}
