package generate

import (
	"context"
	"errors"
)

// attempts runs a call until an attempt succeeds, text has gone out, or
// trying again makes no sense.
func (g *Generator) attempts(ctx context.Context, p Provider, call Call, run *running, sink Sink) (Report, error) {
	for n := 1; ; n++ {
		report, err := g.attempt(ctx, p, call, run, sink)
		if err == nil || run.output.Load() > 0 || ctx.Err() != nil {
			return report, err
		}
		pause, again := g.options.Retry.wait(n, err)
		if !again {
			return report, err
		}
		run.asked = false
		g.log.InfoContext(ctx, "provider attempt failed, trying again",
			"model", call.Model, "attempt", n, "reason", reason(err), "pause", pause)
		if err := sleep(ctx, pause); err != nil {
			return Report{}, err
		}
		next, err := g.retry(ctx, *run.reservation.Load())
		if err != nil {
			return Report{}, err
		}
		run.reservation.Store(&next)
	}
}

// attempt runs a call once, under the watchdog.
func (g *Generator) attempt(ctx context.Context, p Provider, call Call, run *running, sink Sink) (Report, error) {
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	watched, dog := watch(ctx, g.options.Limits)
	defer dog.release()
	run.asked = true
	report, err := p.Stream(watched, call, dog.wrap(func(text string) error {
		if text == "" {
			return nil
		}
		run.add(text)
		return sink.Delta(text)
	}))
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(watched), errSilent) {
		err = ErrTimeout // without the cause, which is a context's and would read as a cancellation
	}
	return report, err
}
