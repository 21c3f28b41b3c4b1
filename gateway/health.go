package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// readyTimeout bounds each dependency's check.
const readyTimeout = 3 * time.Second

func isHealth(path string) bool { return path == "/healthz" || path == "/readyz" }

// health answers /healthz (the process lives) and /readyz (each dependency by
// name, 503 if one is down).
func (g *Gateway) health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if r.URL.Path == "/healthz" {
			_, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) // the reader may be gone
			return
		}
		states, ready := g.check(r.Context())
		if !ready {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "dependencies": states})
	})
}

// check asks every dependency at once. What is wrong with one goes to the log;
// outside only its name is told.
func (g *Gateway) check(ctx context.Context) (states map[string]string, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	states, ready = map[string]string{}, true
	var mu sync.Mutex
	var checks sync.WaitGroup
	for name, check := range g.deps.Ready {
		checks.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			states[name] = "ok"
			if err != nil {
				states[name], ready = "down", false
				g.deps.Log.WarnContext(ctx, "dependency is down", "dependency", name, "error", err)
			}
		})
	}
	checks.Wait()
	return states, ready
}
