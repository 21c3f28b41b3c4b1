package grpcapi

import (
	"context"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// LoginTOTP is the second step of a login.
func (a *Auth) LoginTOTP(ctx context.Context, req *authv1.LoginTOTPRequest) (*authv1.LoginResponse, error) {
	begun, err := a.factors.Finish(ctx, req.GetChallenge(), req.GetCode())
	if err != nil {
		return nil, err
	}
	user, err := a.accounts.Get(ctx, begun.User)
	if err != nil {
		return nil, err
	}
	shown, err := a.signInBy(ctx, user, begun.PasswordMark)
	if err != nil {
		return nil, err
	}
	return &authv1.LoginResponse{User: shown}, nil
}

// EnrollTOTP makes a secret for the caller's authenticator.
func (a *Auth) EnrollTOTP(ctx context.Context, _ *authv1.EnrollTOTPRequest) (*authv1.EnrollTOTPResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	user, err := a.accounts.Get(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	secret, uri, err := a.factors.Enroll(ctx, caller, user.Email)
	if err != nil {
		return nil, err
	}
	return &authv1.EnrollTOTPResponse{Secret: secret, Uri: uri}, nil
}

// ConfirmTOTP turns two factors on for the caller.
func (a *Auth) ConfirmTOTP(ctx context.Context, req *authv1.ConfirmTOTPRequest) (*authv1.ConfirmTOTPResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := a.factors.Confirm(ctx, caller, req.GetCode())
	if err != nil {
		return nil, err
	}
	return &authv1.ConfirmTOTPResponse{RecoveryCodes: codes}, nil
}

// RenewRecoveryCodes replaces the caller's recovery codes.
func (a *Auth) RenewRecoveryCodes(ctx context.Context, req *authv1.RenewRecoveryCodesRequest) (*authv1.RenewRecoveryCodesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	codes, err := a.factors.RenewRecoveryCodes(ctx, caller, req.GetCode())
	if err != nil {
		return nil, err
	}
	return &authv1.RenewRecoveryCodesResponse{RecoveryCodes: codes}, nil
}

// DisableTOTP turns two factors off for the caller.
func (a *Auth) DisableTOTP(ctx context.Context, req *authv1.DisableTOTPRequest) (*authv1.DisableTOTPResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	return &authv1.DisableTOTPResponse{}, a.factors.Disable(ctx, caller, req.GetPassword(), req.GetCode())
}
