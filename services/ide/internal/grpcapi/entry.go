package grpcapi

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/entry"
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
	answer := &idev1.ListPortsResponse{}
	for _, p := range ports {
		answer.Ports = append(answer.Ports, &idev1.Port{Port: int32(p.Number), Process: p.Process, Url: s.Door.URL(w.Label, p.Number)})
	}
	return answer, nil
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
	}, nil
}
