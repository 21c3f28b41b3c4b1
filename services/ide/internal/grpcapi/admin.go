package grpcapi

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/workspace"
)

// Admin serves WorkspaceAdminService.
type Admin struct {
	idev1.UnimplementedWorkspaceAdminServiceServer
	*Workspaces
	// Isolation tries the deployment's isolation classes.
	Isolation Isolation
}

// Isolation tries isolation classes.
type Isolation interface {
	// Check really starts something in each class, the default first.
	Check(ctx context.Context) []Checked
}

// Checked is what came of trying an isolation class; Err is why it can't be used.
type Checked struct {
	Class string
	driver.Caps
	Err error
}

// CheckIsolation tries every class.
func (s *Admin) CheckIsolation(ctx context.Context, _ *idev1.CheckIsolationRequest) (*idev1.CheckIsolationResponse, error) {
	answer := &idev1.CheckIsolationResponse{}
	for _, c := range s.Isolation.Check(ctx) {
		shown := &idev1.IsolationCheck{Isolation: c.Class, Works: c.Err == nil, Summary: c.Summary, Weaker: c.Weaker}
		if c.Err != nil {
			shown.Problem = c.Err.Error()
		}
		answer.Classes = append(answer.Classes, shown)
	}
	return answer, context.Cause(ctx)
}

// ListWorkspaceUse gives what each account uses.
func (s *Admin) ListWorkspaceUse(ctx context.Context, _ *idev1.ListWorkspaceUseRequest) (*idev1.ListWorkspaceUseResponse, error) {
	uses, err := s.Manager.Uses(ctx)
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListWorkspaceUseResponse{}
	for _, u := range uses {
		answer.Accounts = append(answer.Accounts, &idev1.WorkspaceUse{UserId: u.User.String(), Workspaces: u.Workspaces, Seconds: u.Seconds})
	}
	return answer, nil
}

// SummarizeWorkspaces counts the workspaces of all users.
func (s *Admin) SummarizeWorkspaces(ctx context.Context, _ *idev1.SummarizeWorkspacesRequest) (*idev1.SummarizeWorkspacesResponse, error) {
	sum, err := s.Manager.Summarize(ctx)
	if err != nil {
		return nil, err
	}
	return &idev1.SummarizeWorkspacesResponse{Total: sum.Total, Running: sum.Running, Failed: sum.Failed}, nil
}

// ListAllWorkspaces lists the workspaces of all users, newest first.
func (s *Admin) ListAllWorkspaces(ctx context.Context, r *idev1.ListAllWorkspacesRequest) (*idev1.ListAllWorkspacesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	filter := workspace.Filter{Status: workspace.Status(r.GetStatus())}
	if r.GetUserId() != "" {
		if _, filter.Owner, err = target(ctx, "user_id", r.GetUserId()); err != nil {
			return nil, err
		}
	}
	var after uuid.UUID
	const list = "all workspaces"
	if err := s.Pages.Decode(r.GetPageToken(), caller.UserID, list, &after); err != nil {
		return nil, err
	}
	size := page.Size(r.GetPageSize())
	found, err := s.Manager.All(ctx, filter, after, size+1)
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListAllWorkspacesResponse{}
	if len(found) > size {
		found = found[:size]
		answer.NextPageToken = s.Pages.Encode(caller.UserID, list, found[size-1].ID)
	}
	for _, w := range found {
		answer.Workspaces = append(answer.Workspaces, s.owned(w))
	}
	return answer, nil
}

// StopAnyWorkspace stops anybody's workspace.
func (s *Admin) StopAnyWorkspace(ctx context.Context, r *idev1.StopAnyWorkspaceRequest) (*idev1.OwnedWorkspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	w, err := s.Manager.HaltAny(ctx, caller, id)
	if err != nil {
		return nil, err
	}
	return s.owned(w), nil
}

func (s *Admin) owned(w workspace.Workspace) *idev1.OwnedWorkspace {
	used := s.Manager.LastUsed(w.ID)
	return &idev1.OwnedWorkspace{
		Workspace: s.encode(w), UserId: w.UserID.String(),
		Cpu:    &idev1.Gauge{Used: used.CPUMillis, Limit: w.Limits.CPUMillis},
		Memory: &idev1.Gauge{Used: used.MemoryBytes, Limit: w.Limits.MemoryBytes},
	}
}
