package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/config"
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
