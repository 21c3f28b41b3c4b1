package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/redisdb"
)

// script is a client with an API token and no browser around it.
type script struct {
	*browser
	token string
}

// token makes an API token and gives a script that uses it.
func (b *browser) token(scopes ...string) (s script, id string) {
	b.t.Helper()
	made := b.must("POST", "/api/auth/tokens", object{"name": "a script", "scopes": scopes})
	return b.p.script(b.t, made["token"].(string)), made["apiToken"].(object)["id"].(string)
}

func (p *platform) script(t testing.TB, token string) script {
	return script{p.browser(t), token}
}

// call is browser.call without anything that only a browser says.
func (s script) call(method, path string, body any, headers ...string) answer {
	s.t.Helper()
	return s.browser.call(method, path, body, append([]string{"Sec-Fetch-Site", "", "Authorization", "Bearer " + s.token}, headers...)...)
}

func TestAnAPITokenIsShownOnceAndStoredNowhere(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		body := object{"name": " laptop ", "scopes": []string{"chat", "account"}, "expiresAt": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
		made := ada.must("POST", "/api/auth/tokens", body, "Idempotency-Key", "once")
		require.Regexp(t, `^atr_[A-Za-z0-9_-]{43}$`, made["token"])
		require.Equal(t, made, ada.must("POST", "/api/auth/tokens", body, "Idempotency-Key", "once"), "a repeated call answers the same token")
		record := made["apiToken"].(object)
		require.Equal(t, "laptop", record["name"])
		require.Equal(t, []any{"account", "chat"}, record["scopes"])
		require.Nil(t, record["lastUsed"])

		s := p.script(t, made["token"].(string))
		got := s.call("GET", "/api/auth/session", nil)
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.Equal(t, "ada", got.object(t)["user"].(object)["username"])
		require.Nil(t, got.object(t)["session"])
		listed := ada.must("GET", "/api/auth/tokens", nil)["apiTokens"].([]any)
		require.Len(t, listed, 1)
		require.NotNil(t, listed[0].(object)["lastUsed"])
		require.NotContains(t, listed[0], "token")

		for _, text := range rows(t, p, `SELECT t::text FROM auth.api_tokens t UNION ALL SELECT a::text FROM audit.audit_log a UNION ALL SELECT k::text FROM auth.idempotency_keys k`) {
			require.NotContains(t, text, made["token"])
		}
		require.Equal(t, []string{"auth.token.create success"}, rows(t, p, `SELECT event_type || ' ' || status FROM audit.audit_log WHERE resource_type = 'api_token'`))
		require.NotContains(t, p.logs.String(), made["token"])
	})
}

func TestAnAPITokenDoesWhatItsScopesSayAndNoMore(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_AI_DEMO_WORDS_PER_SECOND=500")
	ada := p.browser(t)
	ada.register("ada")
	conversation := ada.conversation()
	workspace := ada.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)
	calls := []struct {
		scope, method, path string
		body                any
	}{
		{"account", "GET", "/api/users/me", nil},
		{"account", "GET", "/api/auth/tokens", nil},
		{"chat", "GET", "/api/chat/conversations", nil},
		{"chat", "POST", "/api/chat/conversations/" + conversation + "/messages", object{"content": "Hello."}},
		{"ide", "GET", "/api/ide/workspaces/" + workspace, nil},
		{"ide", "GET", "/api/ide/workspaces/" + workspace + "/events", nil},
		{"ai", "GET", "/api/ai/models", nil},
		{"ai", "POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}}},
		{"account", "GET", "/api/users/me/usage", nil},
	}
	for _, scope := range []string{"account", "chat", "ide", "ai"} {
		s, _ := ada.token(scope)
		for _, c := range calls {
			for _, accept := range []string{"application/json", "text/event-stream"} {
				if c.scope == scope && accept != "application/json" {
					continue // an open stream of events does not end
				}
				got := s.call(c.method, c.path, c.body, "Accept", accept)
				if c.scope == scope {
					require.Equal(t, http.StatusOK, got.StatusCode, "%s: %s %s: %s", scope, c.method, c.path, got.body)
					continue
				}
				require.Equal(t, http.StatusForbidden, got.StatusCode, "%s: %s %s: %s", scope, c.method, c.path, got.body)
				require.Equal(t, "SCOPE_MISSING", got.reason())
			}
		}
	}
}

func TestAnAPITokenCanNotGrow(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	made := ada.must("POST", "/api/auth/tokens", object{"name": "parent", "scopes": []string{"account", "ai"}, "expiresAt": soon})
	s := p.script(t, made["token"].(string))
	for reason, body := range map[string]object{
		"SCOPE_NOT_HELD":   {"name": "child", "scopes": []string{"chat"}, "expiresAt": soon},
		"EXPIRY_TOO_LATE":  {"name": "child", "scopes": []string{"ai"}},
		"INVALID_ARGUMENT": {"name": "child", "scopes": []string{"everything"}},
	} {
		require.Equal(t, reason, s.call("POST", "/api/auth/tokens", body).reason())
	}
	require.Equal(t, http.StatusOK, s.call("POST", "/api/auth/tokens", object{"name": "child", "scopes": []string{"ai"}, "expiresAt": soon}).StatusCode)

	admin := ada.call("POST", "/api/auth/tokens", object{"name": "x", "scopes": []string{"admin"}})
	require.Equal(t, http.StatusForbidden, admin.StatusCode)
	require.Equal(t, "SCOPE_NOT_HELD", admin.reason())
	root := p.browser(t)
	root.must("POST", "/api/auth/login", object{"login": "admin@example.com", "password": "correct horse battery"})
	root.token("admin")
}

func TestARequestWithATokenIsTheTokens(t *testing.T) {
	p := startPlatform(t, "one process")
	ada, eve := p.browser(t), p.browser(t)
	ada.register("ada")
	eve.register("eve")
	s, _ := ada.token("account", "ai")
	got := s.call("PATCH", "/api/users/me", object{"fullName": "Ada L."})
	require.Equal(t, http.StatusOK, got.StatusCode, "no Origin, no cookie: %s", got.body)
	got = s.call("PATCH", "/api/users/me", object{"fullName": "Ada L."}, "Cookie", eve.cookie, "Origin", "https://evil.example")
	require.Equal(t, "ada", got.object(t)["username"], "the token, not the cookie, says who asks")
	got = p.script(t, "atr_none").call("GET", "/api/users/me", nil, "Cookie", eve.cookie)
	require.Equal(t, http.StatusUnauthorized, got.StatusCode, "a bad token does not fall back to the cookie")

	require.Equal(t, http.StatusOK, ada.call("GET", "/api/ai/models", nil, "Cookie", "", "X-Api-Key", s.token).StatusCode)
	require.Equal(t, http.StatusUnauthorized, ada.call("GET", "/api/users/me", nil, "Cookie", "", "X-Api-Key", s.token).StatusCode)

	token := eve.cookie[len("__Host-atrium_session="):]
	require.Equal(t, http.StatusUnauthorized, p.script(t, token).call("GET", "/api/users/me", nil).StatusCode, "a session's token is no API token")
	stolen := ada.call("GET", "/api/users/me", nil, "Cookie", "__Host-atrium_session="+s.token)
	require.Equal(t, http.StatusUnauthorized, stolen.StatusCode, "an API token is no session")
}

func TestARevokedTokenIsDeadEverywhereAtOnce(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada, eve := p.browser(t), p.browser(t)
		ada.register("ada")
		eve.register("eve")
		s, id := ada.token("chat", "account")
		conversation := ada.conversation()
		open := s.open("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Tell me a long story."}, "Authorization", "Bearer "+s.token)
		_, ok := open.next()
		require.True(t, ok)

		require.Equal(t, http.StatusNotFound, eve.call("DELETE", "/api/auth/tokens/"+id, nil).StatusCode)
		ada.must("DELETE", "/api/auth/tokens/"+id, nil)
		got := s.call("GET", "/api/users/me", nil)
		require.Equal(t, http.StatusUnauthorized, got.StatusCode)
		require.Equal(t, "TOKEN_INVALID", got.reason())
		events := open.rest()
		if len(events) > 0 {
			require.NotEqual(t, "done", events[len(events)-1].name, "the stream must end long before the answer does")
		}
		require.Equal(t, http.StatusNotFound, ada.call("DELETE", "/api/auth/tokens/"+id, nil).StatusCode)
	})
}

func TestAnExpiredTokenIsRefused(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	made := ada.must("POST", "/api/auth/tokens", object{"name": "brief", "scopes": []string{"account"}, "expiresAt": time.Now().Add(3 * time.Second).UTC().Format(time.RFC3339Nano)})
	s := p.script(t, made["token"].(string))
	require.Equal(t, http.StatusOK, s.call("GET", "/api/users/me", nil).StatusCode)
	eventually(t, "the token has expired", func() error {
		if got := s.call("GET", "/api/users/me", nil); got.StatusCode != http.StatusUnauthorized {
			return statusError(got.Status)
		}
		return nil
	})
	past := ada.call("POST", "/api/auth/tokens", object{"name": "late", "scopes": []string{"account"}, "expiresAt": "2020-01-01T00:00:00Z"})
	require.Equal(t, http.StatusBadRequest, past.StatusCode)
}

type statusError string

func (e statusError) Error() string { return "answered " + string(e) }

// Row 7 of the attacks: a suspended user calls the AI API with an API token.
func TestAttack07SuspendedUserWithAToken(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	s, _ := ada.token("ai")
	ask := object{"messages": []object{{"role": "user", "content": "Hello."}}}
	require.Equal(t, http.StatusOK, s.call("POST", "/api/ai/chat", ask).StatusCode)
	rows(t, p, `UPDATE auth.users SET is_active = FALSE WHERE username = 'ada' RETURNING username`)
	flush(t, p)
	got := s.call("POST", "/api/ai/chat", ask)
	require.Equal(t, http.StatusForbidden, got.StatusCode, "%s", got.body)
	require.Equal(t, "ACCOUNT_SUSPENDED", got.reason())
	require.Equal(t, http.StatusForbidden, ada.call("POST", "/api/ai/chat", ask, "Cookie", "", "X-Api-Key", s.token).StatusCode)
}

// rows gives the one column of a query, asked as the database's owner.
func rows(t testing.TB, p *platform, sql string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.setting("DATABASE_URL"))
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	found, err := conn.Query(t.Context(), sql)
	require.NoError(t, err)
	texts, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	return texts
}

// flush empties Redis, which must lose nothing.
func flush(t testing.TB, p *platform) {
	t.Helper()
	client, err := redisdb.Open(config.Secret(p.setting("REDIS_URL")))
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.FlushAll(t.Context()).Err())
}
