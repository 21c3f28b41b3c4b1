package grpcapi

import (
	"context"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// DeleteMe deletes the caller's own account.
func (u *Users) DeleteMe(ctx context.Context, req *authv1.DeleteMeRequest) (*authv1.DeleteMeResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := u.proof.Require(ctx, caller, req.GetPassword()); err != nil {
		return nil, err
	}
	return &authv1.DeleteMeResponse{}, u.accounts.Delete(ctx, caller.UserID, caller.UserID)
}
