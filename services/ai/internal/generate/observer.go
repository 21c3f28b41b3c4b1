package generate

import (
	"context"

	"atrium.internal/services/ai/internal/ledger"
)

// Observer is told how calls of providers go. It changes nothing about them.
type Observer interface {
	// Attempt begins one call of a provider; what it makes with the context
	// that this gives belongs to it.
	Attempt(ctx context.Context, a Attempt) (context.Context, Watch)
	// Entered says what the ledger entered for the attempt that ended a call.
	Entered(ctx context.Context, a Attempt, u Usage)
}

// Watch follows one attempt.
type Watch interface {
	// FirstPiece comes with the first piece of the answer, once.
	FirstPiece()
	// End comes once, with what the ledger is to enter for the attempt and what
	// that costs in micro-dollars.
	End(outcome ledger.Outcome, costMicroUSD int64)
}

// Attempt is which call of whom this is.
type Attempt struct {
	Model, Provider, Source string
	// Number counts from 1 within a request.
	Number int
	// Again says that it was another attempt before, with the same provider or
	// with one whose place this one takes.
	Again Again
}

// Again is why an attempt is not the first.
type Again string

// The reasons.
const (
	First    Again = ""
	Retried  Again = "retry"
	TookOver Again = "failover"
)

// unobserved is the observer of a generator without one.
type unobserved struct{}

func (unobserved) Attempt(ctx context.Context, _ Attempt) (context.Context, Watch) {
	return ctx, unobserved{}
}
func (unobserved) Entered(context.Context, Attempt, Usage) {}
func (unobserved) FirstPiece()                             {}
func (unobserved) End(ledger.Outcome, int64)               {}

// attempt is the running attempt as the observer knows it.
func (r *running) attempt(provider string) Attempt {
	now := r.reservation.Load()
	a := Attempt{Model: now.Model, Provider: provider, Source: now.Source, Number: now.Attempt}
	switch {
	case now.Attempt == 1:
	case r.before == provider:
		a.Again = Retried
	default:
		a.Again = TookOver
	}
	r.before = provider
	return a
}
