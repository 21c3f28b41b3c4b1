package grpcapi

import (
	"context"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
)

// Users serves authv1.UserService.
type Users struct {
	authv1.UnimplementedUserServiceServer
	accounts *account.Accounts
}

// NewUsers makes the server of UserService.
func NewUsers(accounts *account.Accounts) *Users { return &Users{accounts: accounts} }

// GetMe gives the caller's own account.
func (u *Users) GetMe(ctx context.Context, _ *authv1.GetMeRequest) (*authv1.User, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	user, err := u.accounts.Get(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	return userMessage(user)
}

// UpdateMe changes the caller's own profile and settings.
func (u *Users) UpdateMe(ctx context.Context, req *authv1.UpdateMeRequest) (*authv1.User, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	user, err := u.accounts.Update(ctx, caller.UserID, account.Change{
		FullName: req.FullName, AvatarURL: req.AvatarUrl, Settings: req.GetSettings().AsMap(),
	})
	if err != nil {
		return nil, err
	}
	return userMessage(user)
}
