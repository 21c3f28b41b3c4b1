package redisdb

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
)

// measure tells how full a client's pool is, for as long as the process runs.
func measure(client *redis.Client) error {
	meter := otel.Meter(semconv.Scope("redisdb"))
	connections, fault := meter.Int64ObservableGauge(semconv.RedisPool,
		metric.WithDescription("Connections to Redis: used, idle, and how many there may be."))
	timeouts, also := meter.Int64ObservableCounter(semconv.RedisPoolTimeouts,
		metric.WithDescription("Calls that got no connection to Redis in time."))
	if err := errors.Join(fault, also); err != nil {
		return err
	}
	state := func(of string) metric.MeasurementOption { return metric.WithAttributes(semconv.State.String(of)) }
	used, idle, most := state("used"), state("idle"), state("max")
	_, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := client.PoolStats()
		o.ObserveInt64(connections, int64(now.TotalConns)-int64(now.IdleConns), used)
		o.ObserveInt64(connections, int64(now.IdleConns), idle)
		o.ObserveInt64(connections, int64(client.Options().PoolSize), most)
		o.ObserveInt64(timeouts, int64(now.Timeouts))
		return nil
	}, connections, timeouts)
	return err
}
