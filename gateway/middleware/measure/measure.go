package measure

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/felixge/httpsnoop"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"atrium.internal/pkg/semconv"

	"atrium.internal/gateway/middleware/requestid"
)

// seconds are the bounds of durations: answers take milliseconds, streams minutes.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

type instruments struct {
	requests, faults metric.Int64Counter
	duration         metric.Float64Histogram
}

func newInstruments() (i instruments, err error) {
	meter := otel.Meter(semconv.Scope("gateway"))
	var faults [3]error
	i.requests, faults[0] = meter.Int64Counter(semconv.HTTPRequests, metric.WithDescription("Requests answered."))
	i.faults, faults[1] = meter.Int64Counter(semconv.HTTPErrors, metric.WithDescription("Requests answered with a status of 400 or above."))
	i.duration, faults[2] = meter.Float64Histogram(semconv.HTTPDuration, metric.WithUnit("s"),
		metric.WithDescription("How long requests took; a stream's whole life."), metric.WithExplicitBucketBoundaries(seconds...))
	return i, errors.Join(faults[:]...)
}

// Middleware measures what it wraps.
func Middleware() (func(http.Handler) http.Handler, error) {
	to, err := newInstruments()
	if err != nil {
		return nil, err
	}
	tracer := otel.Tracer(semconv.Scope("gateway"))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start, named := time.Now(), &route{}
			ctx := context.WithValue(r.Context(), routeKey{}, named)
			method := known(r.Method)
			ctx, span := tracer.Start(ctx, method, append(caller(r), trace.WithSpanKind(trace.SpanKindServer), trace.WithNewRoot(),
				trace.WithAttributes(semconv.RequestID.String(requestid.From(ctx))))...)
			told := &exchange{tracer: tracer, ctx: ctx, span: span, method: method, route: named}
			ctx = context.WithValue(ctx, exchangeKey{}, told)
			answer := httpsnoop.CaptureMetrics(next, told.watch(w), r.WithContext(ctx))
			route := named.now()
			labels := metric.WithAttributeSet(attribute.NewSet(
				semconv.Method.String(method), semconv.Route.String(route), semconv.Status.String(strconv.Itoa(answer.Code))))
			to.requests.Add(ctx, 1, labels)
			if answer.Code >= http.StatusBadRequest {
				to.faults.Add(ctx, 1, labels)
			}
			to.duration.Record(ctx, time.Since(start).Seconds(),
				metric.WithAttributeSet(attribute.NewSet(semconv.Method.String(method), semconv.Route.String(route))))
			told.over(route, answer.Code)
		})
	}, nil
}

// known keeps a client from making up methods, each of which would be a series.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}
