package grpcapi

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/entry"
	"atrium.internal/services/ide/internal/workspace"
)

// OpenWorkspace makes a ticket for the workspace's own host.
func (s *Workspaces) OpenWorkspace(ctx context.Context, r *idev1.OpenWorkspaceRequest) (*idev1.OpenWorkspaceResponse, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	opening, err := s.Door.Open(ctx, caller, id, 0)
	return encodeOpening(opening), err
}

// OpenPort makes a ticket for a port's own host.
func (s *Workspaces) OpenPort(ctx context.Context, r *idev1.OpenPortRequest) (*idev1.OpenWorkspaceResponse, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	opening, err := s.Door.Open(ctx, caller, id, int(r.GetPort()))
	return encodeOpening(opening), err
}

func encodeOpening(o entry.Opening) *idev1.OpenWorkspaceResponse {
	return &idev1.OpenWorkspaceResponse{Url: o.URL, Ticket: o.Ticket, ExpiresAt: timestamppb.New(o.ExpiresAt)}
}

// ListPorts gives what listens in a workspace.
func (s *Workspaces) ListPorts(ctx context.Context, r *idev1.ListPortsRequest) (*idev1.ListPortsResponse, error) {
	caller, id, err := target(ctx, "workspaceId", r.GetWorkspaceId())
	if err != nil {
		return nil, err
	}
	w, ports, err := s.Manager.Ports(ctx, caller.UserID, id)
	if err != nil {
		return nil, err
	}
	shared, err := s.Manager.Shares.Shared(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	answer := &idev1.ListPortsResponse{}
	for _, p := range ports {
		at := slices.Index(shared, p.Number)
		if at >= 0 {
			shared = slices.Delete(shared, at, at+1)
		}
		answer.Ports = append(answer.Ports, s.port(w, p, at >= 0, true))
	}
	for _, number := range shared {
		answer.Ports = append(answer.Ports, s.port(w, driver.Port{Number: number}, true, false))
	}
	slices.SortFunc(answer.Ports, func(a, b *idev1.Port) int { return cmp.Compare(a.GetPort(), b.GetPort()) })
	return answer, nil
}

func (s *Workspaces) port(w workspace.Workspace, p driver.Port, shared, listening bool) *idev1.Port {
	visibility := "private"
	if shared {
		visibility = "users"
	}
	return &idev1.Port{Port: int32(p.Number), Process: p.Process, Url: s.Door.URL(w.Label, p.Number), Visibility: visibility, Listening: listening}
}

// SetPortVisibility shares a port, or takes that back.
func (s *Workspaces) SetPortVisibility(ctx context.Context, r *idev1.SetPortVisibilityRequest) (*idev1.Port, error) {
	caller, id, err := target(ctx, "id", r.GetId())
	if err != nil {
		return nil, err
	}
	shared := r.GetVisibility() == "users"
	w, err := s.Manager.SharePort(ctx, caller.UserID, id, int(r.GetPort()), shared)
	if err != nil {
		return nil, err
	}
	_, ports, _ := s.Manager.Ports(ctx, caller.UserID, id) // of one that does not run nothing is known
	at := slices.IndexFunc(ports, func(p driver.Port) bool { return p.Number == int(r.GetPort()) })
	if at < 0 {
		return s.port(w, driver.Port{Number: int(r.GetPort())}, shared, false), nil
	}
	return s.port(w, ports[at], shared, true), nil
}

// RedeemTicket turns a ticket into a workspace session.
func (s *Workspaces) RedeemTicket(ctx context.Context, r *idev1.RedeemTicketRequest) (*idev1.RedeemTicketResponse, error) {
	entrance, err := s.Door.Redeem(ctx, r.GetTicket(), r.GetHost())
	if err != nil {
		return nil, err
	}
	return &idev1.RedeemTicketResponse{
		SessionToken: entrance.Token, ExpiresAt: timestamppb.New(entrance.ExpiresAt), Location: entrance.Location,
	}, nil
}

// ValidateWorkspaceSession answers what a workspace cookie is good for.
func (s *Workspaces) ValidateWorkspaceSession(ctx context.Context, r *idev1.ValidateWorkspaceSessionRequest) (*idev1.ValidateWorkspaceSessionResponse, error) {
	if len(r.GetTokenHash()) != len(entry.Hash{}) {
		return nil, entry.ErrSession
	}
	session, err := s.Door.Validate(ctx, entry.Hash(r.GetTokenHash()))
	if err != nil {
		return nil, err
	}
	return &idev1.ValidateWorkspaceSessionResponse{
		WorkspaceId: session.WorkspaceID.String(), UserId: session.UserID.String(), SessionId: session.SessionID.String(),
		Host: session.Host, Port: int32(session.Port), ExpiresAt: timestamppb.New(session.ExpiresAt),
		Visitor: session.Visitor,
	}, nil
}
