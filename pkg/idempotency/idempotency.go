// Package idempotency carries a caller's Idempotency-Key to the store that
// keeps the promise: the same key and body answer the first result again.
package idempotency

import (
	"context"

	"atrium.internal/pkg/apperr"
)

// MaxLength is how long a key may be, in bytes.
const MaxLength = 255

// ErrReused refuses a key that came before with another body.
var ErrReused = apperr.New(apperr.Conflict, "IDEMPOTENCY_KEY_REUSED",
	"This Idempotency-Key was used before with another request.")

// Key is a caller's key and the request that it came with.
type Key struct {
	Value string
	// RequestHash is the SHA-256 of the method and the request.
	RequestHash []byte
}

type contextKey struct{}

// With returns a context that carries the key.
func With(ctx context.Context, k Key) context.Context {
	return context.WithValue(ctx, contextKey{}, k)
}

// From gives the call's key; without one the call is not idempotent.
func From(ctx context.Context) (Key, bool) {
	k, ok := ctx.Value(contextKey{}).(Key)
	return k, ok
}
