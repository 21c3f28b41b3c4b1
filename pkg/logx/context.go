package logx

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/principal"
)

// Names of what every line of a call says.
const (
	keyTrace   = "trace_id"
	keyRequest = "request_id"
	keyUser    = "user_id"
)

// contextual adds to a line the trace, the request and the user of its context,
// unless the line says them itself.
type contextual struct{ slog.Handler }

// Handle adds and passes on.
func (h contextual) Handle(ctx context.Context, r slog.Record) error {
	said := map[string]bool{}
	r.Attrs(func(a slog.Attr) bool {
		said[a.Key] = true
		return true
	})
	add := func(key, value string) {
		if value != "" && !said[key] {
			r.AddAttrs(slog.String(key, value))
		}
	}
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		add(keyTrace, span.TraceID().String())
	}
	if who, ok := principal.From(ctx); ok {
		add(keyRequest, who.Client.RequestID)
		if who.Kind == principal.User {
			add(keyUser, who.UserID.String())
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps adding.
func (h contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps adding.
func (h contextual) WithGroup(name string) slog.Handler {
	return contextual{h.Handler.WithGroup(name)}
}
