package generate

import (
	"context"
	"errors"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// attempts runs a call over its routes until an attempt succeeds, a piece has
// gone out, or trying again makes no sense. While there is another route a provider
// is asked once: the next one is quicker than a pause.
func (g *Generator) attempts(ctx context.Context, routes []Route, call Call, run *running, sink Sink) (Report, error) {
	for n, i := 1, 0; ; n++ {
		report, err := g.attempt(ctx, routes[i], call, run, sink)
		if err == nil || run.announced || ctx.Err() != nil {
			return report, err
		}
		pause, again := g.options.Retry.wait(n, err)
		if elsewhere(err) && i+1 < len(routes) {
			i, n, pause, again = i+1, 0, 0, true
		}
		if !again {
			return report, err
		}
		outcome := outcomeOf(*run.reservation.Load(), run, report, err)
		if run.asked = !outcome.Released; !run.asked {
			g.ledger.Refused(*run.reservation.Load(), outcome.Failure)
		}
		g.log.InfoContext(ctx, "provider attempt failed, trying again", "model", call.Model,
			"provider", run.reservation.Load().Provider, "reason", reason(err), "next", routes[i].Provider, "pause", pause)
		if gone := sleep(ctx, pause); gone != nil {
			return report, gone
		}
		if err := g.retry(ctx, run, outcome, routes[i]); err != nil {
			return Report{}, err
		}
	}
}

// attempt runs a call once, under the watchdog.
func (g *Generator) attempt(ctx context.Context, route Route, call Call, run *running, sink Sink) (report Report, err error) {
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	if !route.health.enter() {
		return Report{}, ErrResting.WithRetryAfter(max(route.health.rest(), restFor/10))
	}
	defer func() { route.health.leave(ctx, report.Accepted, err) }()
	spanned, seen := g.options.Observer.Attempt(ctx, run.attempt(route.Provider))
	defer func() {
		now := *run.reservation.Load()
		outcome := outcomeOf(now, run, report, g.verdict(ctx, err))
		seen.End(outcome, now.Price.Cost(outcome.Tokens))
	}()
	watched, dog := watch(spanned, route.Limits.or(g.options.Limits))
	defer dog.release()
	run.asked = true
	asModel := call
	asModel.Model = route.Model
	report, err = route.Via.Stream(watched, asModel, dog.wrap(func(piece Piece) error {
		if piece.Prompt != nil {
			run.prompt.Store(piece.Prompt)
		}
		if piece.empty() {
			return nil
		}
		run.add(piece.words())
		if !run.announced {
			seen.FirstPiece()
		}
		if err := run.announce(sink, route); err != nil {
			return err
		}
		return sink.Piece(piece)
	}))
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(watched), errSilent) {
		err = ErrTimeout // without the cause, which is a context's and would read as a cancellation
	}
	if err == nil {
		err = run.announce(sink, route) // an answer may be empty
	}
	return report, err
}

// announce says who answers, once it is sure.
func (r *running) announce(sink Sink, route Route) error {
	if r.announced {
		return nil
	}
	r.announced = true
	reservation := r.reservation.Load()
	prompt := Usage{Tokens: tariff.Tokens{Input: reservation.Input}, CountedBy: ledger.Estimated}
	if counted := r.prompt.Load(); counted != nil {
		prompt = Usage{Tokens: *counted, CountedBy: ledger.ByProvider}
	}
	return sink.Started(Started{
		RequestID: reservation.RequestID.String(), Model: reservation.Model, Provider: route.Provider, Prompt: prompt,
	})
}
