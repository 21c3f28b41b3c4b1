package auth_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func TestDeletingOnesAccountTakesARecentSignInOrThePassword(t *testing.T) {
	h := open(t, auth.Config{})
	ada, eve := h.register("ada"), h.register("eve")
	made, err := h.auth.CreateAPIToken(ada.ctx, &authv1.CreateAPITokenRequest{Name: "t", Scopes: []string{"account"}})
	require.NoError(t, err)
	asToken := h.as(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(ada.user.GetId()), SessionID: uuid.MustParse(made.GetApiToken().GetId()), Scopes: []string{"account"},
	})
	_, err = h.users.DeleteMe(asToken, &authv1.DeleteMeRequest{})
	require.Equal(t, "REAUTHENTICATION_REQUIRED", reason(t, err), "a token alone is not enough")

	h.exec(`UPDATE auth.sessions SET created_at = $1`, time.Now().Add(-11*time.Minute))
	_, err = h.users.DeleteMe(ada.ctx, &authv1.DeleteMeRequest{})
	require.Equal(t, "REAUTHENTICATION_REQUIRED", reason(t, err))
	_, err = h.users.DeleteMe(ada.ctx, &authv1.DeleteMeRequest{Password: "not " + goodPassword})
	require.Equal(t, "PASSWORD_WRONG", reason(t, err))
	require.Len(t, query[string](h, `SELECT username FROM auth.users WHERE username = 'ada'`), 1)

	_, err = h.users.DeleteMe(ada.ctx, &authv1.DeleteMeRequest{Password: goodPassword})
	require.NoError(t, err)
	_, err = h.validate(ada.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
	for _, id := range []string{ada.id.String(), made.GetApiToken().GetId()} {
		require.Equal(t, cachekey.Revoked, h.redis.Get(t.Context(), cachekey.SessionByID(id)).Val(), "the gateways' cache serves neither session nor token")
	}
	_, err = h.users.GetMe(eve.ctx, &authv1.GetMeRequest{})
	require.NoError(t, err)
	require.Equal(t, []string{"success"}, query[string](h, `SELECT status FROM audit.audit_log WHERE event_type = 'user.delete' AND user_id = $1`, ada.user.GetId()))

	again := h.register("ada")
	require.NotEqual(t, ada.user.GetId(), again.user.GetId(), "address and name are free for somebody new")
	_, err = h.users.DeleteMe(again.ctx, &authv1.DeleteMeRequest{})
	require.NoError(t, err, "who signed in just now needs no password")
	_, err = h.users.DeleteMe(again.ctx, &authv1.DeleteMeRequest{Password: goodPassword})
	require.Equal(t, "SESSION_INVALID", reason(t, err))
}

func TestTheLastOwnerStays(t *testing.T) {
	c := found(t)
	_, err := c.users.DeleteMe(c.asOwner, &authv1.DeleteMeRequest{Password: goodPassword})
	require.Equal(t, "LAST_OWNER", reason(t, err))
	require.Len(t, query[string](c.house, `SELECT username FROM auth.users WHERE 'owner' = ANY (roles)`), 1)
	_, err = c.update(c.asOwner, c.user, "owner")
	require.NoError(t, err)
	_, err = c.users.DeleteMe(c.asOwner, &authv1.DeleteMeRequest{Password: goodPassword})
	require.NoError(t, err, "with another owner it may go")
}
