package grpcapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/entry"
	"atrium.internal/services/ide/internal/preference"
	"atrium.internal/services/ide/internal/template"
	"atrium.internal/services/ide/internal/workspace"
)

// Workspaces serves WorkspaceService.
type Workspaces struct {
	idev1.UnimplementedWorkspaceServiceServer
	Manager   *workspace.Manager
	Door      *entry.Door
	Templates template.Set
	Pages     *page.Codec
	// Preferences are for the export of an account.
	Preferences preference.Store
}

// target gives the caller and the workspace that a request names.
func target(ctx context.Context, field, id string) (principal.Principal, uuid.UUID, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return principal.Principal{}, uuid.Nil, err
	}
	parsed, err := uuid.Parse(id)
	if err != nil {
		return principal.Principal{}, uuid.Nil, apperr.Invalid(field, "not a UUID")
	}
	return caller, parsed, nil
}

// ListWorkspaces lists the caller's workspaces, newest first.
func (s *Workspaces) ListWorkspaces(ctx context.Context, r *idev1.ListWorkspacesRequest) (*idev1.ListWorkspacesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after uuid.UUID
	const list = "workspaces"
	if err := s.Pages.Decode(r.GetPageToken(), caller.UserID, list, &after); err != nil {
		return nil, err
	}
	size := page.Size(r.GetPageSize())
	found, err := s.Manager.List(ctx, caller.UserID, after, size+1)
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListWorkspacesResponse{}
	if len(found) > size {
		found = found[:size]
		answer.NextPageToken = s.Pages.Encode(caller.UserID, list, found[size-1].ID)
	}
	for _, w := range found {
		answer.Workspaces = append(answer.Workspaces, s.encode(w))
	}
	return answer, nil
}

// CreateWorkspace creates a stopped workspace.
func (s *Workspaces) CreateWorkspace(ctx context.Context, r *idev1.CreateWorkspaceRequest) (*idev1.Workspace, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Create(ctx, caller, r.GetName(), r.GetTemplate(), r.GetGitUrl()))
}

// GetWorkspace gives one workspace.
func (s *Workspaces) GetWorkspace(ctx context.Context, r *idev1.GetWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Get(ctx, caller.UserID, id))
}

// UpdateWorkspace changes what the request names.
func (s *Workspaces) UpdateWorkspace(ctx context.Context, r *idev1.UpdateWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	if r.Name == nil {
		return s.answer(s.Manager.Get(ctx, caller.UserID, id))
	}
	return s.answer(s.Manager.Rename(ctx, caller.UserID, id, r.GetName()))
}

// DeleteWorkspace deletes a workspace and its files.
func (s *Workspaces) DeleteWorkspace(ctx context.Context, r *idev1.DeleteWorkspaceRequest) (*idev1.DeleteWorkspaceResponse, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	if err := s.Manager.Delete(ctx, caller.UserID, id); err != nil {
		return nil, err
	}
	return &idev1.DeleteWorkspaceResponse{}, nil
}

// StartWorkspace asks for a running workspace.
func (s *Workspaces) StartWorkspace(ctx context.Context, r *idev1.StartWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Launch(ctx, caller, id))
}

// StopWorkspace asks for a stopped workspace.
func (s *Workspaces) StopWorkspace(ctx context.Context, r *idev1.StopWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Halt(ctx, caller.UserID, id))
}

// RestartWorkspace asks for a stop and a start.
func (s *Workspaces) RestartWorkspace(ctx context.Context, r *idev1.RestartWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Restart(ctx, caller, id))
}

// ExtendWorkspace keeps a running workspace, idle or not.
func (s *Workspaces) ExtendWorkspace(ctx context.Context, r *idev1.ExtendWorkspaceRequest) (*idev1.Workspace, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	return s.answer(s.Manager.Extend(ctx, caller.UserID, id, time.Duration(r.GetMinutes())*time.Minute))
}

// ListTemplates lists what workspaces can start from.
func (s *Workspaces) ListTemplates(context.Context, *idev1.ListTemplatesRequest) (*idev1.ListTemplatesResponse, error) {
	answer := &idev1.ListTemplatesResponse{}
	for _, t := range s.Templates.List() {
		answer.Templates = append(answer.Templates, &idev1.Template{Id: t.ID, Name: t.Name, Description: t.Description})
	}
	return answer, nil
}
