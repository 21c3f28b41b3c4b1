package program

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// health tells whoever started the program how it is: /healthz that it lives,
// /readyz whether calls may be sent to it. It is ready from when all parts have
// started until they begin to stop. What the program depends on is left out: a
// database that is away is away for every replica, and each call says so itself.
type health struct{ ready atomic.Bool }

func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/readyz" && !h.ready.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"ready":false}`+"\n") // the reader may be gone
		return
	}
	_, _ = io.WriteString(w, map[string]string{"/readyz": `{"ready":true}`, "/healthz": `{"status":"ok"}`}[r.URL.Path]+"\n")
}

// Start says that the program is ready.
func (h *health) Start(context.Context) error {
	h.ready.Store(true)
	return nil
}

// Stop says that it is not any more.
func (h *health) Stop(context.Context) error {
	h.ready.Store(false)
	return nil
}
