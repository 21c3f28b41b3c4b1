package grpcapi

import (
	"context"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// ForgotPassword notes a wish for a link; the answer tells nothing.
func (a *Auth) ForgotPassword(ctx context.Context, req *authv1.ForgotPasswordRequest) (*authv1.ForgotPasswordResponse, error) {
	return &authv1.ForgotPasswordResponse{}, a.resets.Forgot(ctx, req.GetEmail())
}

// ResetPassword sets a new password with the token of a link.
func (a *Auth) ResetPassword(ctx context.Context, req *authv1.ResetPasswordRequest) (*authv1.ResetPasswordResponse, error) {
	return &authv1.ResetPasswordResponse{}, a.resets.Reset(ctx, req.GetToken(), req.GetNewPassword())
}
