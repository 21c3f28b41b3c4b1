package generate

import (
	"context"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/ai/internal/tariff"
)

// ErrUnknownProvider is answered for one that no model is routed to.
var ErrUnknownProvider = apperr.New(apperr.NotFound, "PROVIDER_NOT_FOUND", "This deployment has no provider of that name.")

// checkTokens bounds what a check may answer: the least that every provider takes.
const checkTokens = 16

// Checked is what came of asking a provider for a few tokens.
type Checked struct {
	Model string
	// FirstPiece is how long the answer let wait for itself.
	FirstPiece time.Duration
	Tokens     tariff.Tokens
	// Err is why there was no answer.
	Err error
}

// Check really asks a provider, by the first model that is routed to it and by
// no other route. The call is the signed-in caller's own in the ledger. The
// error is of who asks; that of the provider is in what was found.
func (g *Generator) Check(ctx context.Context, provider string) (Checked, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return Checked{}, err
	}
	for _, model := range g.catalog.Models() {
		for _, route := range model.Routes {
			if route.Provider != provider {
				continue
			}
			req := Request{
				Messages:  []Message{{Role: User, Parts: []Part{{Text: "Answer with the word OK."}}}},
				MaxTokens: checkTokens, Source: SourceCheck,
			}
			if err := req.check(); err != nil {
				return Checked{}, err
			}
			found := &checking{began: time.Now(), Checked: Checked{Model: model.ID}}
			found.Err = g.run(ctx, order{
				Request: req, caller: caller, model: model, routes: []Route{route}, reserve: g.ledger.ReserveNew,
			}, found)
			return found.Checked, context.Cause(ctx)
		}
	}
	return Checked{}, ErrUnknownProvider
}

// checking is the sink of a check: of the answer it keeps when it came and what
// it took.
type checking struct {
	Checked
	began time.Time
}

func (c *checking) Started(Started) error {
	c.FirstPiece = time.Since(c.began)
	return nil
}
func (c *checking) Piece(Piece) error { return nil }
func (c *checking) Usage(u Usage) error {
	c.Tokens = u.Tokens
	return nil
}
func (c *checking) Done(StopReason, string) error { return nil }
