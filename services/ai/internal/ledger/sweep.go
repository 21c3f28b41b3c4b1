package ledger

import (
	"context"
	"errors"
	"time"

	"atrium.internal/services/ai/internal/tariff"
)

// ReasonAbandoned is the failure of a call whose process died.
const ReasonAbandoned = "ABANDONED"

// Sweep closes the open entries that nobody touched for the given time, and
// those of the named instance whatever their age, which a service passes once
// at its start. They are settled at an estimate: the prompt, as the
// provider counted it where it did, and as much of the answer as was last noted. It gives the number it closed.
func (b *Book) Sweep(ctx context.Context, untouched time.Duration, instance string, price Pricer) (int, error) {
	entries, err := b.store.Abandoned(ctx, b.now().Add(-untouched), instance)
	if err != nil {
		return 0, err
	}
	closed := 0
	var failures []error
	for _, entry := range entries {
		tokens := entry.Prompt
		if tokens == (tariff.Tokens{}) {
			tokens.Input = entry.Input
		}
		tokens.Output = entry.Output
		err := b.store.Settle(ctx, []Settlement{{
			Reservation:  entry.Reservation,
			Outcome:      Outcome{Tokens: tokens, CountedBy: Estimated, Failure: ReasonAbandoned},
			CostMicroUSD: price(entry.Provider, entry.Model, entry.CreatedAt).Cost(tokens),
			Swept:        true,
			At:           b.now(),
		}})[0]
		switch {
		case errors.Is(err, ErrAlreadySettled), errors.Is(err, ErrUserGone): // a rival sweep, the call itself, or a deleted account
		case err != nil:
			failures = append(failures, err)
		default:
			closed++
		}
	}
	return closed, errors.Join(failures...)
}
