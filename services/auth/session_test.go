package auth_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func TestRevocationHoldsAndReachesTheGateways(t *testing.T) {
	h := open(t, auth.Config{})
	laptop := h.register("ivan")
	phone, desk := h.login("ivan"), h.login("ivan")
	heard := h.redis.Subscribe(t.Context(), cachekey.RevokedChannel)
	defer func() { _ = heard.Close() }()
	_, err := heard.Receive(t.Context())
	require.NoError(t, err)

	_, err = h.auth.RevokeSession(laptop.ctx, &authv1.RevokeSessionRequest{Id: phone.id.String()})
	require.NoError(t, err)
	_, err = h.validate(phone.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
	require.Equal(t, cachekey.Revoked, h.redis.Get(t.Context(), cachekey.SessionByID(phone.id.String())).Val())
	var ids []string
	message, err := heard.ReceiveMessage(t.Context())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(message.Payload), &ids))
	require.Equal(t, []string{phone.id.String()}, ids)

	_, err = h.auth.RevokeSession(laptop.ctx, &authv1.RevokeSessionRequest{Id: phone.id.String()})
	require.Equal(t, "SESSION_NOT_FOUND", reason(t, err))
	stranger := h.register("judy")
	_, err = h.auth.RevokeSession(stranger.ctx, &authv1.RevokeSessionRequest{Id: desk.id.String()})
	require.Equal(t, "SESSION_NOT_FOUND", reason(t, err))

	_, err = h.auth.RevokeOtherSessions(laptop.ctx, &authv1.RevokeOtherSessionsRequest{})
	require.NoError(t, err)
	_, err = h.validate(desk.token)
	require.Error(t, err)
	_, err = h.validate(stranger.token)
	require.NoError(t, err)
	for range 2 { // logging out twice is no error
		_, err = h.auth.Logout(laptop.ctx, &authv1.LogoutRequest{})
		require.NoError(t, err)
	}
	_, err = h.validate(laptop.token)
	require.Error(t, err)
	_, err = h.auth.GetSession(laptop.ctx, &authv1.GetSessionRequest{})
	require.Equal(t, "SESSION_NOT_FOUND", reason(t, err))
}

func TestRevocationSucceedsWithoutRedis(t *testing.T) {
	h := openOn(t, auth.Config{}, pgtest.New(t), "redis://127.0.0.1:1")
	d := h.register("kim")
	_, err := h.auth.Logout(d.ctx, &authv1.LogoutRequest{})
	require.NoError(t, err)
	_, err = h.validate(d.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
}

func TestDevicesArePagedNewestFirst(t *testing.T) {
	h := open(t, auth.Config{})
	current := h.register("liam")
	for range 4 {
		h.login("liam")
	}
	seen := map[string]bool{}
	request, currents := &authv1.ListSessionsRequest{PageSize: 2}, 0
	for pages := 1; ; pages++ {
		resp, err := h.auth.ListSessions(current.ctx, request)
		require.NoError(t, err)
		for _, s := range resp.GetSessions() {
			require.False(t, seen[s.GetId()])
			seen[s.GetId()] = true
			require.Equal(t, testAddress, s.GetIpAddress())
			require.Equal(t, "test browser", s.GetUserAgent())
			if s.GetCurrent() {
				currents++
			}
		}
		if request.PageToken = resp.GetNextPageToken(); request.PageToken == "" {
			require.Equal(t, 3, pages)
			break
		}
	}
	require.Len(t, seen, 5)
	require.Equal(t, 1, currents)

	mine, err := h.auth.ListSessions(current.ctx, &authv1.ListSessionsRequest{PageSize: 1})
	require.NoError(t, err)
	other := h.register("mia")
	_, err = h.auth.ListSessions(other.ctx, &authv1.ListSessionsRequest{PageToken: mine.GetNextPageToken()})
	require.Equal(t, "PAGE_TOKEN_INVALID", reason(t, err))
}

func TestSessionsEndWithTimeAndAccount(t *testing.T) {
	h := open(t, auth.Config{})
	d, e := h.register("noah"), h.register("olga")
	byID := func() error {
		_, err := h.auth.ValidateSession(h.gateway(), &authv1.ValidateSessionRequest{
			Credential: &authv1.ValidateSessionRequest_SessionId{SessionId: d.id.String()},
		})
		return err
	}
	require.NoError(t, byID())
	h.exec(`UPDATE auth.sessions SET last_activity = now() - interval '2 minutes' WHERE id = $1`, d.id)
	require.NoError(t, byID())
	activity := query[time.Time](h, `SELECT last_activity FROM auth.sessions WHERE id = $1`, d.id)[0]
	require.WithinDuration(t, time.Now(), activity, 30*time.Second)

	h.exec(`UPDATE auth.sessions SET expires_at = now() WHERE id = $1`, d.id)
	require.Equal(t, "SESSION_INVALID", reason(t, byID()))
	openOn(t, auth.Config{}, h.database, "redis://127.0.0.1:1") // whose first sweep removes it
	require.Eventually(t, func() bool {
		return query[int64](h, `SELECT count(*) FROM auth.sessions WHERE expires_at <= now()`)[0] == 0
	}, 5*time.Second, 20*time.Millisecond)
	h.exec(`UPDATE auth.users SET is_active = false WHERE username = 'olga'`)
	_, err := h.validate(e.token)
	require.Equal(t, "SESSION_INVALID", reason(t, err))
	_, err = h.auth.ValidateSession(d.ctx, &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_SessionId{SessionId: d.id.String()},
	})
	require.Equal(t, "PERMISSION_DENIED", reason(t, err))
}

func TestAuditLogIsAppendOnly(t *testing.T) {
	h := open(t, auth.Config{})
	d := h.register("pia")
	conn, err := pgx.Connect(t.Context(), h.database.Reveal())
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, role := range []string{"atrium_auth", "atrium_chat", "atrium_ide", "atrium_ai"} {
		_, err = conn.Exec(t.Context(), "SET ROLE "+role)
		require.NoError(t, err)
		for _, sql := range []string{"UPDATE audit.audit_log SET status = 'error'", "DELETE FROM audit.audit_log", "TRUNCATE audit.audit_log"} {
			_, err = conn.Exec(t.Context(), sql)
			require.ErrorContains(t, err, "permission denied", "%s: %s", role, sql)
		}
		_, err = conn.Exec(t.Context(), `INSERT INTO audit.audit_log (id, event_type, action, status) VALUES (gen_random_uuid(), 'x', 'x', 'success')`)
		require.NoError(t, err)
	}
	h.exec(`DELETE FROM auth.users WHERE id = $1`, d.user.GetId())
	require.NotEmpty(t, query[string](h, `SELECT action FROM audit.audit_log WHERE user_id = $1`, d.user.GetId()))
}
