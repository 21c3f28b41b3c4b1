package otelx_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"atrium.internal/pkg/otelx"
	"atrium.internal/pkg/semconv"
)

func open(t *testing.T, listener net.Listener) *otelx.Telemetry {
	t.Helper()
	telemetry, err := otelx.Open(otelx.Settings{}, otelx.Options{
		Program: "test", Metrics: listener, Log: slog.New(slog.DiscardHandler), Fail: func(err error) { t.Error(err) },
	})
	require.NoError(t, err)
	require.NoError(t, telemetry.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, telemetry.Stop(t.Context())) })
	return telemetry
}

func TestMetricsAreServedByTheirNames(t *testing.T) {
	listener, err := otelx.Listen("SETTING", "127.0.0.1:0")
	require.NoError(t, err)
	open(t, listener)
	meter := otel.Meter("test")
	count, err := meter.Int64Counter(semconv.HTTPRequests)
	require.NoError(t, err)
	count.Add(t.Context(), 3)
	took, err := meter.Float64Histogram(semconv.AIDuration, metric.WithUnit("s"))
	require.NoError(t, err)
	took.Record(t.Context(), 1)
	now, err := meter.Int64Gauge("active_users_total")
	require.NoError(t, err)
	now.Record(t.Context(), 7)
	query, err := meter.Float64Histogram(semconv.LibraryDatabaseDuration, metric.WithUnit("s"))
	require.NoError(t, err)
	query.Record(t.Context(), 1, metric.WithAttributes(semconv.Service.String("ai"), attribute.String("host", "secret.example")))

	response, err := http.Get("http://" + listener.Addr().String() + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	for _, line := range []string{
		"http_requests_total 3", "ai_request_duration_seconds_count 1", "active_users_total 7",
		`database_query_duration_seconds_count{service="ai"} 1`,
	} {
		require.Contains(t, string(body), "\n"+line+"\n")
	}
	require.NotContains(t, string(body), "secret.example")
}

func TestADurationLeadsToATrace(t *testing.T) {
	listener, err := otelx.Listen("SETTING", "127.0.0.1:0")
	require.NoError(t, err)
	open(t, listener)
	query, err := otel.Meter("test").Float64Histogram(semconv.LibraryDatabaseDuration, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(.01, 1))
	require.NoError(t, err)
	ctx, span := trace.NewTracerProvider().Tracer("test").Start(t.Context(), "sampled")
	query.Record(ctx, 0.007, metric.WithAttributes(semconv.Service.String("ai"), attribute.String("host", "secret.example")))
	query.Record(t.Context(), 7, metric.WithAttributes(semconv.Service.String("ai")))

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/metrics", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(body), "trace_id="))
	id := span.SpanContext()
	line := regexp.MustCompile(`database_query_duration_seconds_bucket\{service="ai",le="0.01"\} 1 # \{(.*)\} 0.007 `).FindStringSubmatch(string(body))
	require.Len(t, line, 2, "%s", body)
	require.ElementsMatch(t, []string{`span_id="` + id.SpanID().String() + `"`, `trace_id="` + id.TraceID().String() + `"`}, strings.Split(line[1], ","))
	require.NotContains(t, string(body), "secret.example")
}

func TestATakenPortIsOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = otelx.Listen("ATRIUM_METRICS_LISTEN", taken.Addr().String())
	require.ErrorContains(t, err, "ATRIUM_METRICS_LISTEN: can't serve metrics on "+taken.Addr().String()+": address already in use")
	require.NotContains(t, err.Error(), "\n")
	none, err := otelx.Listen("ATRIUM_METRICS_LISTEN", "")
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	for setting, s := range map[string]otelx.Settings{
		"ATRIUM_OTLP_ENDPOINT": {OTLPEndpoint: "http://ada:hunter2@127.0.0.1:4318"},
		"ATRIUM_TRACE_RATIO":   {TraceRatio: 2},
		"ATRIUM_OTLP_HEADERS":  {OTLPHeaders: "hunter2"},
	} {
		err := s.Validate()
		require.ErrorContains(t, err, setting)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
