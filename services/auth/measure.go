package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/oidc"
)

// measures are what the service counts.
type measures struct {
	registrations metric.Int64Counter
	gauges        metric.Registration
}

func newMeasures(active func(ctx context.Context, since time.Time) (int64, error)) (m measures, err error) {
	meter := otel.Meter(semconv.Scope("auth"))
	var faults [3]error
	m.registrations, faults[0] = meter.Int64Counter(semconv.UserRegistrations,
		metric.WithDescription("Accounts that people made, with a password or by a login at a provider."))
	users, fault := meter.Int64ObservableGauge(semconv.ActiveUsers,
		metric.WithDescription("Accounts used within the last 15 minutes, of the whole deployment."))
	faults[1] = fault
	m.gauges, faults[2] = meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		count, err := active(ctx, time.Now().Add(-admin.ActiveWithin))
		if err == nil {
			o.ObserveInt64(users, count)
		}
		return err
	}, users)
	if err := errors.Join(faults[:]...); err != nil {
		return measures{}, fmt.Errorf("metrics of auth: %w", err)
	}
	return m, nil
}

func (m measures) registered(ctx context.Context, kind string) {
	m.registrations.Add(ctx, 1, metric.WithAttributes(semconv.Kind.String(kind)))
}

// countedAccounts counts registrations with a password.
type countedAccounts struct {
	account.Store
	measures measures
}

// Create counts an account that is made, not one that is answered again.
func (c countedAccounts) Create(ctx context.Context, made account.Credentials) (account.Credentials, bool, error) {
	stored, replayed, err := c.Store.Create(ctx, made)
	if err == nil && !replayed {
		c.measures.registered(ctx, "password")
	}
	return stored, replayed, err
}

// countedLogins counts registrations by a login at a provider.
type countedLogins struct {
	oidc.Store
	measures measures
}

// Register counts an account that is made.
func (c countedLogins) Register(ctx context.Context, made account.Credentials, i oidc.Identity) (account.User, error) {
	user, err := c.Store.Register(ctx, made, i)
	if err == nil {
		c.measures.registered(ctx, "provider")
	}
	return user, err
}
