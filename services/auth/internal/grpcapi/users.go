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
	proof    *account.Reauthentication
	held     Held
}

// NewUsers makes the server of UserService. Sensitive calls take the proof;
// held is what an export reads beside the account.
func NewUsers(accounts *account.Accounts, proof *account.Reauthentication, held Held) *Users {
	return &Users{accounts: accounts, proof: proof, held: held}
}

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
