package telemetry_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
	"atrium.internal/services/ai/internal/telemetry"
)

func TestAnAttemptIsMeasuredAndTraced(t *testing.T) {
	reader, spans := metric.NewManualReader(), tracetest.NewInMemoryExporter()
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans)))
	observer, err := telemetry.New()
	require.NoError(t, err)

	a := generate.Attempt{Model: "m", Provider: "far", Source: "chat", Number: 1}
	_, seen := observer.Attempt(t.Context(), a)
	seen.End(ledger.Outcome{Released: true, Failure: "PROVIDER_OVERLOADED"}, 0)
	again := a
	again.Number, again.Again = 2, generate.Retried
	ctx, seen := observer.Attempt(t.Context(), again)
	seen.FirstPiece()
	tokens := tariff.Tokens{Input: 3, Output: 5, CacheRead: 7}
	seen.End(ledger.Outcome{Tokens: tokens, CountedBy: ledger.ByProvider}, 11)
	observer.Entered(ctx, again, generate.Usage{Tokens: tokens, CostMicroUSD: 11})

	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(context.Background(), &all))
	sums, counts := map[string]int64{}, map[string]uint64{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				kind, _ := point.Attributes.Value("kind")
				sums[m.Name+" "+kind.AsString()] += point.Value
			}
		case metricdata.Histogram[float64]:
			for _, point := range data.DataPoints {
				outcome, _ := point.Attributes.Value("outcome")
				counts[m.Name+" "+outcome.AsString()] += point.Count
			}
		}
	}
	require.Equal(t, map[string]int64{
		"ai_tokens_total input": 3, "ai_tokens_total output": 5, "ai_tokens_total cache_read": 7,
		"ai_cost_micro_usd_total ": 11, "ai_retries_total retry": 1,
		"ai_attempts_active ": 0,
	}, sums)
	require.Equal(t, map[string]uint64{
		"ai_request_duration_seconds PROVIDER_OVERLOADED": 1, "ai_request_duration_seconds ok": 1, "ai_first_token_seconds ": 1,
	}, counts)

	ended := spans.GetSpans()
	require.Len(t, ended, 2)
	require.Equal(t, "ai.attempt", ended[1].Name)
	for _, want := range []attribute.KeyValue{
		attribute.Int("atrium.attempt", 2), attribute.String("atrium.again", "retry"), attribute.String("outcome", "ok"),
		attribute.Int("atrium.tokens.input", 3), attribute.Int("atrium.tokens.output", 5), attribute.Int("atrium.tokens.cache_read", 7),
		attribute.Int("atrium.tokens.cache_write", 0), attribute.Int("atrium.cost_micro_usd", 11),
	} {
		require.Contains(t, ended[1].Attributes, want)
	}
	require.True(t, slices.ContainsFunc(ended[1].Attributes, func(kv attribute.KeyValue) bool { return kv.Key == "atrium.first_token_ms" }))
	require.Equal(t, "PROVIDER_OVERLOADED", ended[0].Status.Description)
}
