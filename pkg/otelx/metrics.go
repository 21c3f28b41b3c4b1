package otelx

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"

	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/semconv"
)

// Listen binds where metrics are served; an empty address serves none, and port
// 0 any free one, which the log then tells. setting is the address's name.
func Listen(setting, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: can't serve metrics on %s: %w; set another address, or none to serve no metrics", setting, address, plain(err))
	}
	return listener, nil
}

// newMeters makes the provider of the process's instruments, and what serves them.
func newMeters(who *resource.Resource) (*metric.MeterProvider, http.Handler, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := exporter.New(exporter.WithRegisterer(registry), exporter.WithoutScopeInfo())
	if err != nil {
		return nil, nil, fmt.Errorf("metrics: %w", err)
	}
	meters := metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(who), metric.WithView(views()...))
	return meters, promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry, EnableOpenMetrics: true}), nil
}

// views give library's instruments our names, and keep of their attributes what
// takes few values.
func views() []metric.View {
	return []metric.View{
		metric.NewView(metric.Instrument{Name: semconv.LibraryDatabaseDuration}, metric.Stream{
			Name:            semconv.DatabaseDuration,
			AttributeFilter: attribute.NewAllowKeysFilter(semconv.Service, "pgx.operation.type", "db.operation.name"),

			ExemplarReservoirProviderSelector: withoutAttributes,
		}),
		metric.NewView(metric.Instrument{Name: "rpc.*.call.duration"}, metric.Stream{
			AttributeFilter: attribute.NewAllowKeysFilter("rpc.method", "rpc.response.status_code"),

			ExemplarReservoirProviderSelector: withoutAttributes,
		}),
	}
}

func newServer(o Options, metrics http.Handler) *lifecycle.HTTP {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	if o.Health != nil {
		mux.Handle("GET /healthz", o.Health)
		mux.Handle("GET /readyz", o.Health)
	}
	return &lifecycle.HTTP{Listener: o.Metrics, Fail: o.Fail, Server: &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}}
}
