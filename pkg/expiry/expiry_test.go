package expiry_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"atrium.internal/pkg/expiry"
)

const day = 24 * time.Hour

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lasting is a certificate that began some time ago and has some left.
func lasting(since, left time.Duration) *x509.Certificate {
	return &x509.Certificate{NotBefore: time.Now().Add(-since), NotAfter: time.Now().Add(left)}
}

func TestAnEndThatIsNearIsSaidOnceADay(t *testing.T) {
	for name, c := range map[string]struct {
		since, left time.Duration
		// said is when, in days from the start, it is said first; -1 is never
		// within the ten days of the test.
		said int
	}{
		"a year's, far":        {300 * day, 65 * day, -1},
		"a year's, near":       {340 * day, 25 * day, 0},
		"a year's, soon near":  {330 * day, 34*day + time.Hour, 5},
		"three months'":        {50 * day, 40 * day, -1},
		"a short one, fresh":   {0, 21 * day, -1},
		"a short one, forgot":  {18 * day, 3 * day, 0},
		"one that has expired": {365 * day, -time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log lines
				of := lasting(c.since, c.left)
				watch := expiry.New(slog.New(slog.NewTextHandler(&log, nil)), "https", func() *x509.Certificate { return of })
				require.NoError(t, watch.Start(t.Context()))
				for today := range 10 {
					synctest.Wait()
					want := 0
					if c.said >= 0 {
						want = max(0, today-c.said+1)
					}
					require.Equal(t, want, strings.Count(log.String(), "certificate=https"), "day %d: %s", today, &log)
					time.Sleep(day)
				}
				require.NoError(t, watch.Stop(t.Context()))
			})
		})
	}
}

func TestTheMetricIsOfTheCertificateThatIsUsed(t *testing.T) {
	reader := metric.NewManualReader()
	before := otel.GetMeterProvider()
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	var current atomic.Pointer[x509.Certificate]
	current.Store(lasting(0, 10*day))
	watch := expiry.New(slog.New(slog.DiscardHandler), "service", current.Load)
	require.NoError(t, watch.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, watch.Stop(context.Background())) })
	ends := func() float64 {
		var found metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(t.Context(), &found))
		require.Len(t, found.ScopeMetrics, 1)
		require.Len(t, found.ScopeMetrics[0].Metrics, 1)
		points := found.ScopeMetrics[0].Metrics[0].Data.(metricdata.Gauge[float64]).DataPoints
		require.Len(t, points, 1)
		return points[0].Value
	}
	require.InDelta(t, float64(current.Load().NotAfter.Unix()), ends(), 0.5)
	current.Store(lasting(0, 90*day))
	require.InDelta(t, float64(current.Load().NotAfter.Unix()), ends(), 0.5)
}
