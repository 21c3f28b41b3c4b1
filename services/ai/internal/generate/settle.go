package generate

import (
	"context"
	"errors"
	"time"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// settlePauses are the waits between tries to enter an outcome while the
// database is away; after the last it is left to ledger.Book.Prove.
var settlePauses = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

// ledgerTimeout bounds one statement of the ledger.
const ledgerTimeout = 5 * time.Second

// within and retry don't end with the caller: a statement that is given up
// halfway may still have opened an entry that nobody would know of.
func within(ctx context.Context, reserve func(context.Context, ledger.Hold) (ledger.Reservation, error), h ledger.Hold) (ledger.Reservation, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	return reserve(ctx, h)
}

// retry closes a failed attempt and opens the next. One that the provider worked
// on is entered, and the next needs room of its own beside it.
func (g *Generator) retry(ctx context.Context, run *running, failed ledger.Outcome, next Route) error {
	open := g.ledger.Retry
	if !failed.Released {
		g.settle(ctx, run, failed)
		run.entered = true
		open = g.ledger.Again
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	reservation, err := open(ctx, *run.reservation.Load(), next.by())
	if err != nil {
		return err
	}
	run.reservation.Store(&reservation)
	run.entered = false
	run.prompt.Store(nil)
	return nil
}

// by is the route as the ledger knows it.
func (r Route) by() ledger.By {
	return ledger.By{Provider: r.Provider, Price: r.Prices.At(time.Now())}
}

// prices are what the routes take now.
func prices(routes []Route) []tariff.Price {
	var all []tariff.Price
	for _, r := range routes {
		all = append(all, r.Prices.At(time.Now()))
	}
	return all
}

// settle enters what the running attempt used, and says whether it was anything.
// It outlives the caller: whoever stops an answer still pays for what was written.
func (g *Generator) settle(ctx context.Context, run *running, outcome ledger.Outcome) (Usage, bool) {
	ctx = context.WithoutCancel(ctx)
	reservation := *run.reservation.Load()
	cost, there := g.enter(ctx, reservation, outcome)
	usage := Usage{Tokens: outcome.Tokens, CostMicroUSD: cost, CountedBy: outcome.CountedBy}
	if outcome.Released || !there {
		return usage, false
	}
	g.options.Observer.Entered(ctx, Attempt{
		Model: reservation.Model, Provider: reservation.Provider, Source: reservation.Source, Number: reservation.Attempt,
	}, usage)
	return usage, true
}

// enter tries to settle until it works or makes no sense. There is no entry
// when the account was deleted in between, and its entries with it.
func (g *Generator) enter(ctx context.Context, r ledger.Reservation, outcome ledger.Outcome) (cost int64, there bool) {
	for i := 0; ; i++ {
		try, cancel := context.WithTimeout(ctx, ledgerTimeout)
		cost, err := g.ledger.Settle(try, r, outcome)
		cancel()
		switch {
		case err == nil:
			return cost, true
		case errors.Is(err, ledger.ErrUserGone):
			return cost, false
		case i > 0 && errors.Is(err, ledger.ErrAlreadySettled): // by a try whose answer was lost, or by Prove
			return cost, true
		case i == len(settlePauses) || errors.Is(err, ledger.ErrAlreadySettled):
			g.log.ErrorContext(ctx, "usage could not be entered into the ledger", "request", r.RequestID,
				"attempt", r.Attempt, "error", err, "input", outcome.Tokens.Input, "output", outcome.Tokens.Output)
			return cost, true
		}
		_ = sleep(ctx, settlePauses[i]) // this context does not end
	}
}

// outcomeOf takes the provider's own figures when it finished counting. Else
// it estimates what the provider must have worked: the prompt and what came
// out. A provider that refused has not worked; one that was left waiting may
// have.
func outcomeOf(r ledger.Reservation, run *running, report Report, failure error) ledger.Outcome {
	outcome := ledger.Outcome{Tokens: report.Tokens, CountedBy: ledger.ByProvider, Failure: reason(failure)}
	if report.Final {
		return outcome
	}
	output := run.output.Load()
	left := errors.Is(failure, ErrCanceled) || errors.Is(failure, ErrTimeout) || errors.Is(failure, ErrShuttingDown)
	mayHaveWorked := report.Accepted || (left && run.asked)
	if failure != nil && !mayHaveWorked {
		return ledger.Outcome{Released: true, Failure: outcome.Failure}
	}
	outcome.CountedBy = ledger.Estimated
	outcome.Tokens.Output = max(output, report.Tokens.Output)
	if outcome.Tokens.Prompt() == 0 {
		outcome.Tokens.Input = r.Input
	}
	return outcome
}
