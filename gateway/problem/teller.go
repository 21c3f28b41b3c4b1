package problem

import (
	"context"
	"net/http"

	"atrium.internal/pkg/apperr"
)

// Teller tells a client of an error in another way than by an answer's status.
type Teller func(w http.ResponseWriter, r *http.Request, err *apperr.Error)

type tellerKey struct{}

// WithTeller has every error that answers a request of this context told so,
// whoever finds it.
func WithTeller(ctx context.Context, tell Teller) context.Context {
	return context.WithValue(ctx, tellerKey{}, tell)
}
