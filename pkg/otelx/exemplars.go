package otelx

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
)

// withoutAttributes keeps exemplars from bringing back the attributes that a view
// leaves out: an exemplar is a value and the ids of its trace, which has the rest.
func withoutAttributes(a metric.Aggregation) exemplar.ReservoirProvider {
	usual := metric.DefaultExemplarReservoirProviderSelector(a)
	return func(kept attribute.Set) exemplar.Reservoir { return bare{usual(kept)} }
}

type bare struct{ exemplar.Reservoir }

func (b bare) Offer(ctx context.Context, at time.Time, value exemplar.Value, _ []attribute.KeyValue) {
	b.Reservoir.Offer(ctx, at, value, nil)
}
