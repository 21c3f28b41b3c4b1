package grpcapi

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/window"
	"atrium.internal/services/ide/internal/workspace"
)

// Windows serves WindowService.
type Windows struct {
	idev1.UnimplementedWindowServiceServer
	Windows *window.Windows
	// Opened hears how many files were opened.
	Opened func(ctx context.Context, count int64)
}

// ShowFile has a window show a file, if there is one.
func (s *Windows) ShowFile(ctx context.Context, r *idev1.ShowFileRequest) (*idev1.ShowFileResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	shown, err := s.Windows.Show(ctx, caller.UserID, id, window.Request{
		Path: r.GetPath(), Line: int(r.GetLine()), Column: int(r.GetColumn()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.ShowFileResponse{Shown: shown}, nil
}

// ListWindowRequests gives the request that waits.
func (s *Windows) ListWindowRequests(ctx context.Context, r *idev1.ListWindowRequestsRequest) (*idev1.ListWindowRequestsResponse, error) {
	owner, id, err := windowOf(ctx, r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListWindowRequestsResponse{}
	waiting, ok, err := s.Windows.Waiting(ctx, owner, id)
	if ok {
		answer.Requests = append(answer.Requests, encodeRequest(waiting))
	}
	return answer, err
}

// WatchWindowRequests streams requests until the caller goes.
func (s *Windows) WatchWindowRequests(r *idev1.ListWindowRequestsRequest, stream grpc.ServerStreamingServer[idev1.WindowRequest]) error {
	owner, id, err := windowOf(stream.Context(), r.GetWorkspaceId())
	if err != nil {
		return err
	}
	return s.Windows.Watch(stream.Context(), owner, id, func(r window.Request) error {
		return stream.Send(encodeRequest(r))
	})
}

// TakeWindowRequest gives the caller's window a request.
func (s *Windows) TakeWindowRequest(ctx context.Context, r *idev1.TakeWindowRequestRequest) (*idev1.TakeWindowRequestResponse, error) {
	owner, id, err := windowOf(ctx, r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	request, err := uuid.Parse(r.GetId())
	if err != nil {
		return nil, apperr.Invalid("id", "not a UUID")
	}
	if err := s.Windows.Take(ctx, owner, id, request); err != nil {
		return nil, err
	}
	return &idev1.TakeWindowRequestResponse{}, nil
}

// CountOpenedFiles counts files that were opened in the caller's window.
func (s *Windows) CountOpenedFiles(ctx context.Context, r *idev1.CountOpenedFilesRequest) (*idev1.CountOpenedFilesResponse, error) {
	owner, id, err := windowOf(ctx, r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	if _, err := s.Windows.Workspaces.Get(ctx, owner, id); err != nil {
		return nil, err
	}
	s.Opened(ctx, int64(r.GetCount()))
	return &idev1.CountOpenedFilesResponse{}, nil
}

// windowOf gives the caller and the workspace whose window it speaks for. A
// workspace's own token speaks for no other workspace.
func windowOf(ctx context.Context, id string) (owner, parsed uuid.UUID, err error) {
	caller, parsed, err := target(ctx, "workspaceId", id)
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	if own, limited := caller.Within("ide"); limited && own != parsed {
		return uuid.Nil, uuid.Nil, workspace.ErrNotFound
	}
	return caller.UserID, parsed, nil
}

func encodeRequest(r window.Request) *idev1.WindowRequest {
	return &idev1.WindowRequest{Id: r.ID.String(), Path: r.Path, Line: int32(r.Line), Column: int32(r.Column)}
}
