package expiry

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
)

const (
	// near is when an end is soon. Of a certificate that lives for less than
	// three times as long, it is the last third: those are renewed by a program,
	// which has done so by then.
	near = 30 * 24 * time.Hour
	// again is how often it is said.
	again = 24 * time.Hour
)

// Watch is a part of a program that looks after one certificate.
type Watch struct {
	log     *slog.Logger
	purpose string
	current func() *x509.Certificate
	metric  metric.Registration
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New makes the watch. The purpose names the certificate in the metric and the
// log, such as "https"; current gives the one that is used now.
func New(log *slog.Logger, purpose string, current func() *x509.Certificate) *Watch {
	return &Watch{log: log, purpose: purpose, current: current}
}

// Start looks for the first time, and follows.
func (w *Watch) Start(context.Context) error {
	meter := otel.Meter(semconv.Scope("expiry"))
	gauge, err := meter.Float64ObservableGauge(semconv.CertificateExpiry, metric.WithUnit("s"),
		metric.WithDescription("When the certificate ends, in Unix time."))
	if err == nil {
		w.metric, err = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
			o.ObserveFloat64(gauge, float64(w.current().NotAfter.Unix()), metric.WithAttributes(semconv.Certificate.String(w.purpose)))
			return nil
		}, gauge)
	}
	if err != nil {
		return fmt.Errorf("metric of the certificate's end: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.look(ctx)
	w.running.Go(func() { w.follow(ctx) })
	return nil
}

// Stop ends following.
func (w *Watch) Stop(context.Context) error {
	if w.stop == nil {
		return nil
	}
	w.stop()
	w.running.Wait()
	return w.metric.Unregister()
}

func (w *Watch) follow(ctx context.Context) {
	ticker := time.NewTicker(again)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.look(ctx)
		}
	}
}

func (w *Watch) look(ctx context.Context) {
	c := w.current()
	left := time.Until(c.NotAfter)
	switch {
	case left <= 0:
		w.log.ErrorContext(ctx, "a TLS certificate has ended; connections fail until it is renewed", "certificate", w.purpose, "ended", c.NotAfter)
	case left < min(near, c.NotAfter.Sub(c.NotBefore)/3):
		w.log.WarnContext(ctx, "a TLS certificate ends soon; renew it", "certificate", w.purpose, "ends", c.NotAfter, "days_left", int(left/(24*time.Hour)))
	}
}
