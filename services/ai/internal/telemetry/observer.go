package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/semconv"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
)

// seconds are the bounds of durations: providers take from a tenth of a second
// to minutes.
var seconds = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300}

// Observer is a generator's observer.
type Observer struct {
	tracer                trace.Tracer
	duration, firstToken  metric.Float64Histogram
	tokens, cost, retries metric.Int64Counter
	active                metric.Int64UpDownCounter
}

// New makes the instruments, of the process's providers.
func New() (*Observer, error) {
	meter := otel.Meter(semconv.Scope("ai"))
	o := &Observer{tracer: otel.Tracer(semconv.Scope("ai"))}
	var faults [6]error
	bounds := metric.WithExplicitBucketBoundaries(seconds...)
	o.duration, faults[0] = meter.Float64Histogram(semconv.AIDuration, metric.WithUnit("s"), bounds, metric.WithDescription("How long calls of providers took, to the end of the answer."))
	o.firstToken, faults[1] = meter.Float64Histogram(semconv.AIFirstToken, metric.WithUnit("s"), bounds, metric.WithDescription("How long providers took to the first piece of an answer."))
	o.tokens, faults[2] = meter.Int64Counter(semconv.AITokens, metric.WithDescription("Tokens that the ledger entered, by kind."))
	o.cost, faults[3] = meter.Int64Counter(semconv.AICost, metric.WithDescription("Millionths of a dollar that the ledger entered."))
	o.retries, faults[4] = meter.Int64Counter(semconv.AIRetries, metric.WithDescription("Attempts after a failed one, with the same provider or with the next."))
	o.active, faults[5] = meter.Int64UpDownCounter(semconv.AIActive, metric.WithDescription("Calls of providers under way, each with its reservation in the ledger."))
	return o, errors.Join(faults[:]...)
}

// Attempt begins a span; see generate.Observer.
func (o *Observer) Attempt(ctx context.Context, a generate.Attempt) (context.Context, generate.Watch) {
	if a.Again != generate.First {
		o.retries.Add(ctx, 1, metric.WithAttributes(append(labels(a), semconv.Kind.String(string(a.Again)))...))
	}
	ctx, span := o.tracer.Start(ctx, semconv.SpanAIAttempt, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(labels(a)...), trace.WithAttributes(semconv.Attempt.Int(a.Number)))
	if a.Again != generate.First {
		span.SetAttributes(semconv.Again.String(string(a.Again)))
	}
	o.active.Add(ctx, 1, metric.WithAttributes(semconv.Provider.String(a.Provider)))
	return ctx, &watch{observer: o, attempt: a, ctx: ctx, span: span, start: time.Now()}
}

// Entered counts tokens and money; see generate.Observer.
func (o *Observer) Entered(ctx context.Context, a generate.Attempt, u generate.Usage) {
	for kind, count := range map[string]int64{
		"input": u.Tokens.Input, "output": u.Tokens.Output, "cache_read": u.Tokens.CacheRead, "cache_write": u.Tokens.CacheWrite,
	} {
		if count > 0 {
			o.tokens.Add(ctx, count, metric.WithAttributes(append(labels(a), semconv.Kind.String(kind))...))
		}
	}
	if u.CostMicroUSD > 0 {
		o.cost.Add(ctx, u.CostMicroUSD, metric.WithAttributes(labels(a)...))
	}
}

// labels take as many values as there are models, providers and sources, all
// of which the deployment's settings and the code name.
func labels(a generate.Attempt) []attribute.KeyValue {
	return []attribute.KeyValue{semconv.Model.String(a.Model), semconv.Provider.String(a.Provider), semconv.Source.String(a.Source)}
}

type watch struct {
	observer *Observer
	attempt  generate.Attempt
	ctx      context.Context //nolint:containedctx // the span's, for the exemplars of what ends it
	span     trace.Span
	start    time.Time
}

// FirstPiece notes how long it took.
func (w *watch) FirstPiece() {
	took := time.Since(w.start)
	w.observer.firstToken.Record(w.ctx, took.Seconds(), metric.WithAttributes(labels(w.attempt)...))
	w.span.SetAttributes(semconv.FirstText.Int64(took.Milliseconds()))
}

// End closes the span. A failure is told by its reason, never by its words.
func (w *watch) End(o ledger.Outcome, costMicroUSD int64) {
	w.observer.active.Add(w.ctx, -1, metric.WithAttributes(semconv.Provider.String(w.attempt.Provider)))
	outcome := o.Failure
	if outcome == "" {
		outcome = "ok"
	}
	w.observer.duration.Record(w.ctx, time.Since(w.start).Seconds(),
		metric.WithAttributes(append(labels(w.attempt), semconv.Outcome.String(outcome))...))
	w.span.SetAttributes(semconv.Outcome.String(outcome), semconv.CostMicroUSD.Int64(costMicroUSD),
		semconv.TokensIn.Int64(o.Tokens.Input), semconv.TokensOut.Int64(o.Tokens.Output),
		semconv.TokensCacheRead.Int64(o.Tokens.CacheRead), semconv.TokensCacheWrite.Int64(o.Tokens.CacheWrite))
	if o.Failure != "" {
		w.span.SetStatus(codes.Error, o.Failure)
	}
	w.span.End()
}
