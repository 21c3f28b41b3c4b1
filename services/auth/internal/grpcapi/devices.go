package grpcapi

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/session"
)

// deviceList is the name of the list in its page tokens.
const deviceList = "sessions"

// Logout ends the caller's own session.
func (a *Auth) Logout(ctx context.Context, _ *authv1.LogoutRequest) (*authv1.LogoutResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	return &authv1.LogoutResponse{}, a.sessions.Logout(ctx, caller.UserID, caller.SessionID)
}

// GetSession tells who is signed in, and through which session, if not by an
// API token.
func (a *Auth) GetSession(ctx context.Context, _ *authv1.GetSessionRequest) (*authv1.GetSessionResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	user, err := a.accounts.Get(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	shown, err := userMessage(user)
	if err != nil {
		return nil, err
	}
	if caller.IsToken() {
		return &authv1.GetSessionResponse{User: shown}, nil
	}
	current, err := a.sessions.Get(ctx, caller.UserID, caller.SessionID)
	if err != nil {
		return nil, err
	}
	return &authv1.GetSessionResponse{User: shown, Session: sessionMessage(current, caller.SessionID)}, nil
}

// ListSessions gives a page of the caller's devices.
func (a *Auth) ListSessions(ctx context.Context, req *authv1.ListSessionsRequest) (*authv1.ListSessionsResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after session.Cursor
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, deviceList, &after); err != nil {
		return nil, err
	}
	devices, next, err := a.sessions.List(ctx, caller.UserID, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &authv1.ListSessionsResponse{}
	for _, s := range devices {
		resp.Sessions = append(resp.Sessions, sessionMessage(s, caller.SessionID))
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, deviceList, next)
	}
	return resp, nil
}

// RevokeSession signs one of the caller's devices out.
func (a *Auth) RevokeSession(ctx context.Context, req *authv1.RevokeSessionRequest) (*authv1.RevokeSessionResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, session.ErrNotFound
	}
	return &authv1.RevokeSessionResponse{}, a.sessions.Revoke(ctx, caller.UserID, id)
}

// RevokeOtherSessions signs every other device of the caller out.
func (a *Auth) RevokeOtherSessions(ctx context.Context, _ *authv1.RevokeOtherSessionsRequest) (*authv1.RevokeOtherSessionsResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	return &authv1.RevokeOtherSessionsResponse{}, a.sessions.RevokeOthers(ctx, caller.UserID, caller.SessionID)
}
