package pgdb

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
)

// measure tells how full a service's pool is, for as long as the process runs.
func measure(pool *pgxpool.Pool, service string) error {
	meter := otel.Meter(semconv.Scope("pgdb"))
	connections, fault := meter.Int64ObservableGauge(semconv.DatabasePool,
		metric.WithDescription("Connections to Postgres: used, idle, and how many there may be."))
	waited, also := meter.Float64ObservableCounter(semconv.DatabasePoolWait, metric.WithUnit("s"),
		metric.WithDescription("How long callers waited for a connection because all were in use."))
	if err := errors.Join(fault, also); err != nil {
		return err
	}
	name := semconv.Service.String(service)
	state := func(of string) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(name, semconv.State.String(of)))
	}
	used, idle, most := state("used"), state("idle"), state("max")
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := pool.Stat()
		o.ObserveInt64(connections, int64(now.AcquiredConns()), used)
		o.ObserveInt64(connections, int64(now.IdleConns()), idle)
		o.ObserveInt64(connections, int64(now.MaxConns()), most)
		o.ObserveFloat64(waited, now.EmptyAcquireWaitTime().Seconds(), metric.WithAttributes(name))
		return nil
	}, connections, waited)
	return err
}
