package generate

import (
	"context"
	"time"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/ai/internal/ledger"
)

// Counter is a provider that counts prompts without charge.
type Counter interface {
	// Count is a prompt's size in tokens. Errors are as Provider's.
	Count(ctx context.Context, call Call) (int64, error)
}

// countTimeout bounds a count: an estimate soon is worth more than a count late.
const countTimeout = 15 * time.Second

// Count gives the size of a request's prompt in tokens, and who counted. A
// provider that can't tell is answered for by an estimate; only what it refuses
// about the request itself is the caller's to know.
func (g *Generator) Count(ctx context.Context, req Request) (int64, ledger.CountedBy, error) {
	if _, err := principal.SignedIn(ctx); err != nil {
		return 0, "", err
	}
	if err := req.check(); err != nil {
		return 0, "", err
	}
	model, err := g.catalog.find(req.Model)
	if err != nil {
		return 0, "", err
	}
	call := g.call(req, model)
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	for _, r := range model.Routes {
		counter, can := r.Via.(Counter)
		if !can || r.health.rest() > 0 {
			continue
		}
		call.Model = r.Model
		tokens, err := counter.Count(ctx, call)
		if err == nil {
			return tokens, ledger.ByProvider, nil
		}
		if !elsewhere(err) && ctx.Err() == nil {
			return 0, "", err
		}
		g.log.InfoContext(ctx, "provider did not count a prompt", "model", model.ID, "provider", r.Provider, "reason", reason(err))
	}
	return req.promptEstimate(), ledger.Estimated, nil
}
