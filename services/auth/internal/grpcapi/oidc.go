package grpcapi

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/oidc"
)

// ListProviders tells what a login page has to know.
func (a *Auth) ListProviders(context.Context, *authv1.ListProvidersRequest) (*authv1.ListProvidersResponse, error) {
	resp := &authv1.ListProvidersResponse{RegistrationOpen: a.logins.Open(), MailConfigured: a.resets.Mails}
	for _, p := range a.logins.Providers() {
		resp.Providers = append(resp.Providers, &authv1.Provider{Id: p.ID, DisplayName: p.DisplayName})
	}
	return resp, nil
}

// BeginOIDC starts a login at a provider.
func (a *Auth) BeginOIDC(ctx context.Context, req *authv1.BeginOIDCRequest) (*authv1.BeginOIDCResponse, error) {
	departure, err := a.logins.Begin(ctx, req.GetProvider(), req.GetNext())
	if err != nil {
		return nil, err
	}
	return &authv1.BeginOIDCResponse{Url: departure.URL, Binding: departure.Binding}, nil
}

// LinkOIDC starts linking a provider's login to the caller's account.
func (a *Auth) LinkOIDC(ctx context.Context, req *authv1.LinkOIDCRequest) (*authv1.LinkOIDCResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	departure, err := a.logins.BeginLink(ctx, caller, req.GetProvider())
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(grpcx.MetadataOIDCBinding, departure.Binding)); err != nil {
		return nil, fmt.Errorf("hand over the binding: %w", err)
	}
	return &authv1.LinkOIDCResponse{Url: departure.URL}, nil
}

// FinishOIDC ends what BeginOIDC or LinkOIDC started.
func (a *Auth) FinishOIDC(ctx context.Context, req *authv1.FinishOIDCRequest) (*authv1.FinishOIDCResponse, error) {
	caller, _ := principal.From(ctx)
	arrival, err := a.logins.Finish(ctx, caller, oidc.Return{
		Provider: req.GetProvider(), State: req.GetState(), Code: req.GetCode(), Error: req.GetError(),
		Binding: req.GetBinding(), Issuer: req.GetIssuer(),
	})
	if err != nil {
		return nil, err
	}
	if !arrival.Linked {
		if _, err := a.signIn(ctx, arrival.User); err != nil {
			return nil, err
		}
	}
	return &authv1.FinishOIDCResponse{Next: arrival.Next}, nil
}

// ListIdentities gives the logins that are linked to the caller's account.
func (a *Auth) ListIdentities(ctx context.Context, _ *authv1.ListIdentitiesRequest) (*authv1.ListIdentitiesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	identities, err := a.logins.Identities(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	resp := &authv1.ListIdentitiesResponse{}
	for _, i := range identities {
		resp.Identities = append(resp.Identities, &authv1.Identity{
			Id: i.ID.String(), Provider: i.Provider, Name: i.Name,
			CreatedAt: timestamppb.New(i.CreatedAt), LastLogin: optionalTime(i.LastLogin),
		})
	}
	return resp, nil
}

// UnlinkIdentity ends one of the caller's links.
func (a *Auth) UnlinkIdentity(ctx context.Context, req *authv1.UnlinkIdentityRequest) (*authv1.UnlinkIdentityResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, oidc.ErrIdentityNotFound
	}
	return &authv1.UnlinkIdentityResponse{}, a.logins.Unlink(ctx, caller, id)
}
