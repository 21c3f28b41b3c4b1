package session_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"

	"atrium.internal/gateway/session"
)

func bearer(t *testing.T, s *session.Store, headers ...string) (principal.Principal, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/api/ai/models", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.Resolve(t.Context(), r)
}

func TestATokenIsItsScopesAndWinsOverACookie(t *testing.T) {
	store, auth, _ := newStore(t)
	auth.scopes = []string{"chat"}
	for range 3 {
		p, err := bearer(t, store, "Authorization", "bearer "+token, "Cookie", session.CookieName+"=another")
		require.NoError(t, err)
		require.Equal(t, []string{"chat"}, p.Scopes)
		require.Equal(t, auth.session, p.SessionID)
	}
	require.Equal(t, 1, auth.asked, "a token that never expires is cached too")
	p, err := bearer(t, store, "X-Api-Key", token)
	require.NoError(t, err)
	require.True(t, p.IsToken())

	auth.scopes = nil
	p, err = bearer(t, store, "Authorization", "Bearer another")
	require.NoError(t, err)
	require.False(t, p.HasScope("chat"), "no scopes are none, not all")
}

func TestATokenInTheCacheIsNoSession(t *testing.T) {
	store, auth, _ := newStore(t)
	auth.scopes = []string{"chat"}
	_, err := bearer(t, store, "Authorization", "Bearer "+token)
	require.NoError(t, err)
	auth.err = apperr.New(apperr.Unauthenticated, "SESSION_INVALID", "There is no such session.")
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.Anonymous, p.Kind)
}

func TestABadTokenIsRefusedAndNeverAnonymous(t *testing.T) {
	store, auth, client := newStore(t)
	auth.err = apperr.New(apperr.PermissionDenied, "ACCOUNT_SUSPENDED", "Suspended.")
	_, err := bearer(t, store, "Authorization", "Bearer "+token)
	require.ErrorIs(t, err, auth.err)
	auth.err = nil
	sum := sha256.Sum256([]byte(token))
	auth.meanwhile = func() { // revoked after auth looked, before the cache is filled
		require.NoError(t, client.Set(t.Context(), cachekey.APIToken(hex.EncodeToString(sum[:])), cachekey.Revoked, time.Minute).Err())
	}
	_, err = bearer(t, store, "Authorization", "Bearer "+token)
	require.NoError(t, err)
	_, err = bearer(t, store, "Authorization", "Bearer "+token)
	var refusal *apperr.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "TOKEN_INVALID", refusal.Reason)
	require.Equal(t, 2, auth.asked)
}

func TestWhereATokenIsLookedFor(t *testing.T) {
	for _, c := range []struct {
		path, header, value, want string
		ok                        bool
	}{
		{"/api/chat/conversations", "Authorization", "Bearer a", "a", true},
		{"/api/chat/conversations", "Authorization", "Basic a", "", false},
		{"/api/chat/conversations", "X-Api-Key", "a", "", false},
		{"/api/ai/anthropic/v1/messages", "X-Api-Key", "a", "a", true},
		{"/api/ai/chat", "Authorization", "Bearer", "", true},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set(c.header, c.value)
		got, ok := session.Token(r)
		require.Equal(t, c.want, got)
		require.Equal(t, c.ok, ok)
	}
}
