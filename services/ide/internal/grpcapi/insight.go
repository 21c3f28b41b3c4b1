package grpcapi

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/workspace"
)

// ListEvents gives what happened to a workspace lately.
func (s *Workspaces) ListEvents(ctx context.Context, r *idev1.ListEventsRequest) (*idev1.ListEventsResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	events, err := s.Manager.Events(ctx, caller.UserID, id)
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListEventsResponse{}
	for _, e := range events {
		answer.Events = append(answer.Events, encodeEvent(e))
	}
	return answer, nil
}

// WatchWorkspace streams events until the caller goes.
func (s *Workspaces) WatchWorkspace(r *idev1.WatchWorkspaceRequest, stream grpc.ServerStreamingServer[idev1.Event]) error {
	caller, id, err := target(stream.Context(), "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return err
	}
	return s.Manager.Watch(stream.Context(), caller.UserID, id, r.GetAfter(), func(e workspace.Event) error {
		return stream.Send(encodeEvent(e))
	})
}

// GetLogs gives the end of the editor's log.
func (s *Workspaces) GetLogs(ctx context.Context, r *idev1.GetLogsRequest) (*idev1.GetLogsResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	lines, err := s.Manager.Logs(ctx, caller.UserID, id)
	if err != nil {
		return nil, err
	}
	return &idev1.GetLogsResponse{Lines: lines}, nil
}

// GetStats measures a workspace.
func (s *Workspaces) GetStats(ctx context.Context, r *idev1.GetStatsRequest) (*idev1.GetStatsResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	stats, err := s.Manager.Stats(ctx, caller.UserID, id)
	if err != nil {
		return nil, err
	}
	return &idev1.GetStatsResponse{
		Cpu:     &idev1.Gauge{Used: stats.CPUMillis, Limit: limit(stats.Limits.CPUMillis)},
		Memory:  &idev1.Gauge{Used: stats.MemoryBytes, Limit: limit(stats.Limits.MemoryBytes)},
		Storage: &idev1.Gauge{Used: stats.StorageBytes, Limit: limit(caller.Plan.StorageBytes)},
	}, nil
}

// GetWorkspaceUsage gives the caller's month against the plan.
func (s *Workspaces) GetWorkspaceUsage(ctx context.Context, _ *idev1.GetWorkspaceUsageRequest) (*idev1.GetWorkspaceUsageResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	usage, err := s.Manager.Usage(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	return &idev1.GetWorkspaceUsageResponse{
		IdeSecondsUsed: int64(usage.Running / time.Second), IdeSecondsLimit: caller.Plan.IDESecondsMonthly,
		ResetsAt:         timestamppb.New(usage.ResetsAt),
		StorageBytesUsed: usage.StorageBytes, StorageBytesLimit: caller.Plan.StorageBytes,
	}, nil
}

// limit shows no limit as the contract does.
func limit(n int64) int64 {
	if n <= 0 {
		return -1
	}
	return n
}
