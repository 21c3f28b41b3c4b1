package sse

import (
	"errors"
	"io"
	"net/http"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// Explain serves explanations of code, as they are written.
type Explain struct {
	Client idev1.CodeServiceClient
	// Otherwise answers clients that don't ask for a stream.
	Otherwise http.Handler
}

// explained is the done event.
type explained struct {
	RequestID string `json:"requestId"`
	Cached    bool   `json:"cached"`
}

// ServeHTTP streams delta events and ends with done. The stream starts with
// the first text, so that a refusal before it has its own status.
func (e Explain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !wanted(r) {
		e.Otherwise.ServeHTTP(w, r)
		return
	}
	var in idev1.ExplainRequest
	if err := read(r, &in); err != nil {
		problem.Write(w, r, unreadable(err))
		return
	}
	parts, err := e.Client.StreamExplain(r.Context(), &in)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	first, err := parts.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		problem.Write(w, r, err)
		return
	}
	out := start(w, r)
	done := explained{}
	handle := func(part *idev1.StreamExplainResponse) error {
		if part.GetRequestId() != "" {
			done = explained{RequestID: part.GetRequestId(), Cached: part.GetCached()}
		}
		if part.GetText() == "" {
			return nil
		}
		return out.event(0, "delta", text(part.GetText()))
	}
	if err == nil {
		if err = handle(first); err == nil {
			err = each(r.Context(), out, parts, handle)
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		_ = out.json("done", done) // the reader may be gone
	case r.Context().Err() == nil:
		out.failure(err)
	}
}
