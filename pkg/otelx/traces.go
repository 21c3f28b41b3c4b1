package otelx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// newTraces makes the provider of spans. Without a collector nothing is
// recorded, but calls still have the trace ids by which logs of several
// processes are read together.
func newTraces(s Settings, who *resource.Resource) (*trace.TracerProvider, error) {
	if s.OTLPEndpoint == "" {
		return trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()), trace.WithResource(who)), nil
	}
	headers, err := s.headers()
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(context.Background(), // it connects when there is something to send
		otlptracehttp.WithEndpointURL(withPath(s.OTLPEndpoint)), otlptracehttp.WithHeaders(headers))
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_OTLP_ENDPOINT: %w", err)
	}
	return trace.NewTracerProvider(
		trace.WithBatcher(exporter), trace.WithResource(who),
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(s.TraceRatio))),
	), nil
}

// withPath is where a collector takes traces.
func withPath(endpoint string) string {
	return strings.TrimRight(endpoint, "/") + "/v1/traces"
}

// plain leaves out of a network error what the message says already.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	return err
}
