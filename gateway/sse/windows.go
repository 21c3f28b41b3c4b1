package sse

import (
	"context"
	"net/http"

	"atrium.internal/pkg/grpcx"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// Windows serves what the windows of a workspace are asked to show.
type Windows struct {
	Client idev1.WindowServiceClient
	// Otherwise answers clients that don't ask for a stream.
	Otherwise http.Handler
}

// ServeHTTP streams show events for as long as the window is open.
func (s Windows) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !wanted(r) {
		s.Otherwise.ServeHTTP(w, r)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	in := &idev1.ListWindowRequestsRequest{WorkspaceId: r.PathValue("workspace")}
	// Asked first, so that a refusal is an answer of its own and not a stream.
	if _, err := s.Client.ListWindowRequests(ctx, in); err != nil {
		problem.Write(w, r, err)
		return
	}
	requests, err := s.Client.WatchWindowRequests(grpcx.Endless(ctx), in)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	out := start(w, r)
	err = each(ctx, out, requests, func(request *idev1.WindowRequest) error {
		data, err := marshal(request)
		if err != nil {
			return err
		}
		return out.event(0, "show", data)
	})
	out.finish(ctx, err)
}
