package otelx

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	conventions "go.opentelemetry.io/otel/semconv/v1.40.0"

	"atrium.internal/pkg/lifecycle"
)

// Options are what a program says of itself.
type Options struct {
	// Program is the name that its traces go by.
	Program string
	// Metrics is where they are served; nil serves none. Telemetry closes it.
	Metrics net.Listener
	// Health answers /healthz and /readyz beside the metrics; nil is nothing there.
	Health http.Handler
	Log    *slog.Logger
	// Fail is told when serving metrics ends by itself.
	Fail func(error)
}

// Telemetry is a part that a program starts first and stops last.
type Telemetry struct {
	server *lifecycle.HTTP
	meters *metric.MeterProvider
	traces *trace.TracerProvider
	log    *slog.Logger
}

// Open sets the process's providers. It does no I/O.
func Open(s Settings, o Options) (*Telemetry, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	who := identity(o.Program)
	meters, handler, err := newMeters(who)
	if err != nil {
		return nil, err
	}
	traces, err := newTraces(s, who)
	if err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("telemetry", "error", err) }))
	otel.SetMeterProvider(meters)
	otel.SetTracerProvider(traces)
	// No baggage: nothing but the trace's own ids travels with a call.
	otel.SetTextMapPropagator(propagation.TraceContext{})
	t := &Telemetry{meters: meters, traces: traces, log: o.Log}
	if o.Metrics != nil {
		t.server = newServer(o, handler)
	}
	return t, nil
}

// Start serves the metrics.
func (t *Telemetry) Start(ctx context.Context) error {
	if t.server == nil {
		return nil
	}
	t.log.InfoContext(ctx, "metrics", "address", t.server.Listener.Addr().String())
	return t.server.Start(ctx)
}

// Stop sends what is left, as far as ctx allows. Telemetry that gets lost fails
// nothing.
func (t *Telemetry) Stop(ctx context.Context) error {
	if err := t.traces.Shutdown(ctx); err != nil {
		t.log.WarnContext(ctx, "the last traces were not sent", "error", err)
	}
	if t.server == nil {
		return nil
	}
	return errors.Join(t.server.Stop(ctx), t.meters.Shutdown(ctx))
}

// identity is what every trace says of its process.
func identity(program string) *resource.Resource {
	host, _ := os.Hostname() // without a name it goes without one
	return resource.NewWithAttributes(conventions.SchemaURL,
		conventions.ServiceNamespace("atrium"), conventions.ServiceName(program), conventions.ServiceInstanceID(host))
}
