package proxy

import (
	"context"
	"errors"
	"net/http"
	"time"

	"atrium.internal/pkg/apperr"
)

// lookAgain is how often it is asked whether a port is still shared while a
// visitor has something open: less than the 5 seconds in which it must end.
const lookAgain = 3 * time.Second

// whileShared gives a context that ends when the port of the request's cookie is
// shared no more. What nobody can tell now goes on.
func (s *Sessions) whileShared(ctx context.Context, r *http.Request) (bound context.Context, done func()) {
	bound, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(lookAgain)
		defer ticker.Stop()
		for {
			select {
			case <-bound.Done():
				return
			case <-ticker.C:
			}
			var refused *apperr.Error
			if _, err := s.Resolve(bound, r); errors.As(err, &refused) && refused.Kind == apperr.Unauthenticated {
				cancel()
				return
			}
		}
	}()
	return bound, cancel
}
