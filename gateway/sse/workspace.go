package sse

import (
	"context"
	"net/http"

	"atrium.internal/pkg/grpcx"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// Workspace serves the live events of workspaces.
type Workspace struct {
	Client idev1.WorkspaceServiceClient
	// Otherwise answers clients that don't ask for a stream.
	Otherwise http.Handler
}

// Events follows a workspace from the event after Last-Event-ID.
func (s Workspace) Events(w http.ResponseWriter, r *http.Request) {
	if !wanted(r) {
		s.Otherwise.ServeHTTP(w, r)
		return
	}
	after, ok := lastEventID(r)
	if !ok {
		problem.Write(w, r, errLastEventID)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	id := r.PathValue("workspace")
	// Asked first, so that a refusal is an answer of its own and not a stream.
	if _, err := s.Client.GetWorkspace(ctx, &idev1.GetWorkspaceRequest{Id: id}); err != nil {
		problem.Write(w, r, err)
		return
	}
	events, err := s.Client.WatchWorkspace(grpcx.Endless(ctx), &idev1.WatchWorkspaceRequest{WorkspaceId: id, After: after})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	out := start(w, r)
	err = each(ctx, out, events, func(event *idev1.Event) error {
		data, err := marshal(event)
		if err != nil {
			return err
		}
		return out.event(event.GetSeq(), "step", data)
	})
	out.finish(ctx, err)
}
