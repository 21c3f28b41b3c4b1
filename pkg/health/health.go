package health

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// patience bounds each dependency's check.
const patience = 3 * time.Second

// OptionalError is what a check answers of something that the process can do without: the
// word for it in /readyz, which stays ready.
type OptionalError string

func (n OptionalError) Error() string { return string(n) }

// Optional notes that what check asks is down, instead of its fault.
func Optional(check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := check(ctx); err != nil {
			return fmt.Errorf("%w: %w", OptionalError("down"), err)
		}
		return nil
	}
}

// Health checks what a process depends on.
type Health struct {
	Log *slog.Logger
	// Checks are the dependencies by name.
	Checks map[string]func(context.Context) error
	// Advisory tells what is down without calling the process unready: what every
	// replica depends on is away for all of them, and each call says so itself.
	Advisory bool
	// Patience bounds each check; 0 is 3 seconds.
	Patience time.Duration
	// Stopping says that the process is about to stop; nil is never.
	Stopping func() bool

	starting atomic.Bool
}

// Starting says whether the process has yet to come up. Until then it is not ready.
func (h *Health) Starting(yes bool) { h.starting.Store(yes) }

// Is reports whether a path is one of those that ServeHTTP answers.
func Is(path string) bool { return path == "/healthz" || path == "/readyz" }

// ServeHTTP answers /healthz (the process lives) and /readyz: 200 with each
// dependency by name, or 503 while one is down, and while the process starts or
// is about to stop.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == "/healthz" {
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) // the reader may be gone
		return
	}
	status := "serving"
	states, ready := map[string]string{}, false
	switch {
	case h.starting.Load():
		status = "starting"
	case h.Stopping != nil && h.Stopping():
		status = "stopping"
	default:
		states, ready = h.Check(r.Context())
		ready = ready || h.Advisory
	}
	if !ready {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "status": status, "dependencies": states}) // the reader may be gone
}

// Check asks every dependency at once: "ok", "down", or the word of a OptionalError.
func (h *Health) Check(ctx context.Context) (states map[string]string, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(h.Patience, patience))
	defer cancel()
	states, ready = map[string]string{}, true
	var mu sync.Mutex
	var checks sync.WaitGroup
	for name, check := range h.Checks {
		checks.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			states[name] = "ok"
			var note OptionalError
			switch {
			case errors.As(err, &note):
				states[name] = string(note)
				h.Log.InfoContext(ctx, "an optional dependency is away", "dependency", name, "error", err)
			case err != nil:
				states[name], ready = "down", false
				h.Log.WarnContext(ctx, "dependency is down", "dependency", name, "error", err)
			}
		})
	}
	checks.Wait()
	return states, ready
}
