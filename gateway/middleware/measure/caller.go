package measure

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/semconv"
)

// caller links a request's trace to the one that its client says it belongs to,
// which pages make for each request. It is not taken over, nor is its wish to be
// sampled: a client could write into any trace, and fill the collector.
func caller(r *http.Request) []trace.SpanStartOption {
	if r.Header.Get("Traceparent") == "" {
		return nil
	}
	said := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(http.Header{"Traceparent": r.Header["Traceparent"]}))
	from := trace.SpanContextFromContext(said)
	if !from.IsRemote() {
		return nil
	}
	return []trace.SpanStartOption{
		trace.WithLinks(trace.Link{SpanContext: from}),
		trace.WithAttributes(semconv.ClientTrace.String(from.TraceID().String())),
	}
}
