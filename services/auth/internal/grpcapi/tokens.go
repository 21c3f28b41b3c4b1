package grpcapi

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/session"
)

// tokenList is the name of the list in its page tokens.
const tokenList = "api tokens"

// CreateAPIToken makes an API token, whose text is in this answer only.
func (a *Auth) CreateAPIToken(ctx context.Context, req *authv1.CreateAPITokenRequest) (*authv1.CreateAPITokenResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.accounts.RequireOwnPassword(ctx, caller.UserID); err != nil {
		return nil, err
	}
	made, secret, err := a.tokens.Create(ctx, caller, req.GetName(), req.GetScopes(), asTime(req.GetExpiresAt()))
	if err != nil {
		return nil, err
	}
	return &authv1.CreateAPITokenResponse{Token: secret, ApiToken: tokenMessage(made)}, nil
}

// ListAPITokens gives a page of the caller's API tokens.
func (a *Auth) ListAPITokens(ctx context.Context, req *authv1.ListAPITokensRequest) (*authv1.ListAPITokensResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var before uuid.UUID
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, tokenList, &before); err != nil {
		return nil, err
	}
	tokens, next, err := a.tokens.List(ctx, caller.UserID, before, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &authv1.ListAPITokensResponse{}
	for _, t := range tokens {
		resp.ApiTokens = append(resp.ApiTokens, tokenMessage(t))
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, tokenList, next)
	}
	return resp, nil
}

// RevokeAPIToken ends one of the caller's API tokens.
func (a *Auth) RevokeAPIToken(ctx context.Context, req *authv1.RevokeAPITokenRequest) (*authv1.RevokeAPITokenResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, apitoken.ErrNotFound
	}
	return &authv1.RevokeAPITokenResponse{}, a.tokens.Revoke(ctx, caller.UserID, id)
}

// IssueWorkspaceToken makes the token of a workspace that starts.
func (a *Auth) IssueWorkspaceToken(ctx context.Context, req *authv1.IssueWorkspaceTokenRequest) (*authv1.IssueWorkspaceTokenResponse, error) {
	owner, ownerErr := uuid.Parse(req.GetUserId())
	workspace, err := uuid.Parse(req.GetWorkspaceId())
	if err = errors.Join(ownerErr, err); err != nil {
		return nil, apitoken.ErrNotFound
	}
	secret, err := a.tokens.IssueWorkspace(ctx, owner, workspace, req.GetName())
	if err != nil {
		return nil, err
	}
	return &authv1.IssueWorkspaceTokenResponse{Token: secret}, nil
}

// EndWorkspaceToken ends the token of a workspace that stops.
func (a *Auth) EndWorkspaceToken(ctx context.Context, req *authv1.EndWorkspaceTokenRequest) (*authv1.EndWorkspaceTokenResponse, error) {
	workspace, err := uuid.Parse(req.GetWorkspaceId())
	if err != nil {
		return nil, apitoken.ErrNotFound
	}
	return &authv1.EndWorkspaceTokenResponse{}, a.tokens.EndWorkspace(ctx, workspace)
}

// ValidateAPIToken answers a gateway's cache miss.
func (a *Auth) ValidateAPIToken(ctx context.Context, req *authv1.ValidateAPITokenRequest) (*authv1.ValidateAPITokenResponse, error) {
	h, err := a.tokens.Validate(ctx, session.Hash(req.GetTokenHash()))
	if err != nil {
		return nil, err
	}
	return &authv1.ValidateAPITokenResponse{Holder: &authv1.Holder{
		UserId: h.UserID.String(), SessionId: h.TokenID.String(), Username: h.Username, Roles: h.Roles,
		Plan: planMessage(h.Plan), ExpiresAt: optionalTime(h.ExpiresAt), Scopes: h.Scopes,
	}}, nil
}

func tokenMessage(t apitoken.Token) *authv1.APIToken {
	return &authv1.APIToken{
		Id: t.ID.String(), Name: t.Name, Scopes: t.Scopes, CreatedAt: timestamppb.New(t.CreatedAt),
		ExpiresAt: optionalTime(t.ExpiresAt), LastUsed: optionalTime(t.LastUsed),
	}
}

func asTime(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}
