package grpcapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/apitoken"
	"atrium.internal/services/auth/internal/notice"
	"atrium.internal/services/auth/internal/oidc"
	"atrium.internal/services/auth/internal/reset"
	"atrium.internal/services/auth/internal/secondfactor"
	"atrium.internal/services/auth/internal/session"
)

// Auth serves authv1.AuthService.
type Auth struct {
	authv1.UnimplementedAuthServiceServer
	accounts *account.Accounts
	proof    *account.Reauthentication
	sessions *session.Manager
	tokens   *apitoken.Tokens
	factors  *secondfactor.Factors
	resets   *reset.Resets
	pages    *page.Codec
	logins   *oidc.Logins
	notices  notice.Notices
}

// NewAuth makes the server of AuthService.
func NewAuth(accounts *account.Accounts, proof *account.Reauthentication, sessions *session.Manager, tokens *apitoken.Tokens, factors *secondfactor.Factors, resets *reset.Resets, pages *page.Codec, logins *oidc.Logins, notices notice.Notices) *Auth {
	return &Auth{accounts: accounts, proof: proof, sessions: sessions, tokens: tokens, factors: factors, resets: resets, pages: pages, logins: logins, notices: notices}
}

// Register creates an account and signs it in.
func (a *Auth) Register(ctx context.Context, req *authv1.RegisterRequest) (*authv1.RegisterResponse, error) {
	registered, err := a.accounts.Register(ctx, account.Registration{
		Email: req.GetEmail(), Username: req.GetUsername(),
		Password: req.GetPassword(), FullName: req.GetFullName(),
	})
	if err != nil {
		return nil, err
	}
	shown, err := a.admit(ctx, registered) // a repeated call may find two factors turned on since
	if err != nil {
		return nil, err
	}
	return &authv1.RegisterResponse{User: shown}, nil
}

// Login signs in with an e-mail address or a username.
func (a *Auth) Login(ctx context.Context, req *authv1.LoginRequest) (*authv1.LoginResponse, error) {
	found, err := a.accounts.Verify(ctx, req.GetLogin(), req.GetPassword())
	if err != nil {
		return nil, err
	}
	shown, err := a.admit(ctx, found)
	if err != nil {
		return nil, err
	}
	return &authv1.LoginResponse{User: shown}, nil
}

// admit goes on after a right password: to the second factor where the account
// has one, else to a session.
func (a *Auth) admit(ctx context.Context, c account.Credentials) (*authv1.User, error) {
	if err := a.factors.Begin(ctx, c); err != nil {
		return nil, err
	}
	return a.signInBy(ctx, c.User, c.PasswordMark())
}

// signIn starts a session for somebody who came without the password.
func (a *Auth) signIn(ctx context.Context, user account.User) (*authv1.User, error) {
	return a.signInBy(ctx, user, "")
}

// signInBy starts a session, while the password is still the marked one, and
// hands its token to the gateway beside the answer, where no browser sees it.
// The session that the browser had before ends, so that nobody goes on in one
// that was planted or left behind.
func (a *Auth) signInBy(ctx context.Context, user account.User, passwordMark string) (*authv1.User, error) {
	started, token, err := a.sessions.Start(ctx, user.ID, passwordMark)
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(grpcx.MetadataSessionToken, token)); err != nil {
		return nil, fmt.Errorf("hand over the session token: %w", err)
	}
	if before, err := principal.SignedIn(ctx); err == nil && !before.IsToken() {
		if err := a.sessions.Logout(ctx, before.UserID, before.SessionID); err != nil {
			return nil, err
		}
	}
	user.LastLogin = &started.CreatedAt
	return userMessage(user)
}

// ChangePassword replaces the caller's password, or sets the first one.
func (a *Auth) ChangePassword(ctx context.Context, req *authv1.ChangePasswordRequest) (*authv1.ChangePasswordResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	return &authv1.ChangePasswordResponse{}, a.accounts.ChangePassword(ctx, a.proof, caller, req.GetCurrentPassword(), req.GetNewPassword())
}

// GetStanding says whether an account may act now.
func (a *Auth) GetStanding(ctx context.Context, req *authv1.GetStandingRequest) (*authv1.GetStandingResponse, error) {
	user, err := a.accounts.Get(ctx, uuid.MustParse(req.GetUserId())) // the contract's rule says it is one
	if errors.Is(err, account.ErrNotFound) {
		return &authv1.GetStandingResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &authv1.GetStandingResponse{Active: user.Active}, nil
}

// ValidateSession answers a gateway's cache miss.
func (a *Auth) ValidateSession(ctx context.Context, req *authv1.ValidateSessionRequest) (*authv1.ValidateSessionResponse, error) {
	var holder session.Holder
	var err error
	if hash := req.GetTokenHash(); len(hash) > 0 {
		holder, err = a.sessions.ByHash(ctx, session.Hash(hash))
	} else {
		holder, err = a.sessions.ByID(ctx, uuid.MustParse(req.GetSessionId())) // the contract's rule says it is one
	}
	if err != nil {
		return nil, err
	}
	return &authv1.ValidateSessionResponse{Holder: holderMessage(holder)}, nil
}
