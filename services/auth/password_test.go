package auth_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func (h *house) signedIn(login, password string) device {
	h.t.Helper()
	var header metadata.MD
	resp, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: login, Password: password}, grpc.Header(&header))
	require.NoError(h.t, err)
	return h.device(resp.GetUser(), header)
}

func TestAMadeUpPasswordMakesNoAPIToken(t *testing.T) {
	h := open(t, auth.Config{})
	_, password, _ := h.service.FirstAdmin()
	root := h.signedIn("admin", password)
	_, err := h.auth.CreateAPIToken(root.ctx, &authv1.CreateAPITokenRequest{Name: "x", Scopes: []string{"chat"}})
	require.Equal(t, "PASSWORD_CHANGE_REQUIRED", reason(t, err))
	_, err = h.auth.ChangePassword(root.ctx, &authv1.ChangePasswordRequest{CurrentPassword: password, NewPassword: goodPassword})
	require.NoError(t, err)
	_, err = h.auth.CreateAPIToken(root.ctx, &authv1.CreateAPITokenRequest{Name: "x", Scopes: []string{"chat"}})
	require.NoError(t, err)
}

func TestTheOperatorsPasswordWorksAsItIs(t *testing.T) {
	h := open(t, auth.Config{AdminPassword: config.Secret("password123")}) // an update's list may know what an operator set
	root := h.signedIn("admin", "password123")
	require.False(t, root.user.GetMustChangePassword())
	_, err := h.auth.CreateAPIToken(root.ctx, &authv1.CreateAPITokenRequest{Name: "x", Scopes: []string{"chat"}})
	require.NoError(t, err)
}

func TestAMadeUpPasswordOpensNothingElse(t *testing.T) {
	h := open(t, auth.Config{})
	_, password, _ := h.service.FirstAdmin()
	root := h.signedIn("admin", password)
	as := func() context.Context { // as the gateway signs it after asking
		holder, err := h.validate(root.token)
		require.NoError(t, err)
		return h.as(principal.Principal{
			Kind: principal.User, UserID: uuid.MustParse(holder.GetUserId()), SessionID: root.id,
			Roles: holder.GetRoles(), MustChangePassword: holder.GetMustChangePassword(),
		})
	}
	ctx := as()
	_, err := h.users.GetMe(ctx, &authv1.GetMeRequest{})
	require.Equal(t, "PASSWORD_CHANGE_REQUIRED", reason(t, err))
	_, err = h.admin.ListUsers(ctx, &authv1.ListUsersRequest{})
	require.Equal(t, "PASSWORD_CHANGE_REQUIRED", reason(t, err))
	_, err = h.auth.GetSession(ctx, &authv1.GetSessionRequest{})
	require.NoError(t, err)
	_, err = h.auth.ChangePassword(ctx, &authv1.ChangePasswordRequest{CurrentPassword: password, NewPassword: goodPassword})
	require.NoError(t, err)
	_, err = h.admin.ListUsers(as(), &authv1.ListUsersRequest{})
	require.NoError(t, err, "the same session, once the password is replaced")
}

func TestAnAccountWithoutAPasswordGetsOne(t *testing.T) {
	h := open(t, auth.Config{})
	ada := h.register("ada")
	h.exec(`UPDATE auth.users SET password_hash = ''`) // as one that was registered at a provider
	set := func(current string) error {
		_, err := h.auth.ChangePassword(ada.ctx, &authv1.ChangePasswordRequest{CurrentPassword: current, NewPassword: "another violet kettle"})
		return err
	}
	require.Equal(t, "PASSWORD_WRONG", reason(t, set("a guess")))
	h.exec(`UPDATE auth.sessions SET created_at = created_at - interval '11 minutes'`)
	require.Equal(t, "REAUTHENTICATION_REQUIRED", reason(t, set("")))
	h.exec(`UPDATE auth.sessions SET created_at = created_at + interval '11 minutes'`)
	require.NoError(t, set(""))
	h.signedIn("ada", "another violet kettle")
	require.Equal(t, "INVALID_ARGUMENT", reason(t, set("")), "one that is there is not replaced without it")
}
