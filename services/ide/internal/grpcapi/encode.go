package grpcapi

import (
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/workspace"
)

func (s *Workspaces) answer(w workspace.Workspace, err error) (*idev1.Workspace, error) {
	if err != nil {
		return nil, err
	}
	return s.encode(w), nil
}

func (s *Workspaces) encode(w workspace.Workspace) *idev1.Workspace {
	reason := s.Manager.Reason(w)
	encoded := &idev1.Workspace{
		Id: w.ID.String(), Name: w.Name, Path: w.Path, Template: w.Template, Isolation: w.Isolation,
		Status: string(w.Status), StatusReason: reason.Words, ContainerId: w.ContainerID,
		CreatedAt: timestamppb.New(w.CreatedAt), LastAccessed: timestamppb.New(w.LastAccessed),
	}
	if reason.Code != "" {
		encoded.StatusCause = &idev1.Cause{Code: reason.Code, Values: reason.Values}
	}
	if at, ok := s.Manager.AutostopAt(w); ok {
		encoded.AutostopAt = timestamppb.New(at)
	}
	if metadata, err := structpb.NewStruct(w.Metadata); err == nil { // it came from JSON
		encoded.Metadata = metadata
	}
	return encoded
}

func encodeEvent(e workspace.Event) *idev1.Event {
	return &idev1.Event{
		Seq: e.Seq, Time: timestamppb.New(e.Time), Step: string(e.Step), Message: e.Message, Status: string(e.Status),
	}
}
