package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// askModels asks what an SDK would with what is in its environment, and gives
// the answers.
const askModels = `for url in "$ANTHROPIC_BASE_URL/v1/messages" "$OPENAI_BASE_URL/chat/completions"; do
	URL=$url /opt/vscode/node/bin/node -e '
		const { URL: url, ANTHROPIC_API_KEY: key } = process.env
		fetch(url, { method: "POST", headers: { "content-type": "application/json", "x-api-key": key },
			body: JSON.stringify({ model: "default", max_tokens: 200, messages: [{ role: "user", content: "Hello from inside." }] }) })
			.then(async r => console.log(r.status, await r.text()), e => console.log("failed", e.cause ?? e))'
done`

func TestAWorkspaceAsksModelsWithATokenOfItsOwn(t *testing.T) {
	needVSCode(t)
	forEachMode(t, []string{"ATRIUM_AI_DEMO_WORDS_PER_SECOND=0"}, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		id := ada.running("mine")
		inside := tenant{door: &door{browser: ada}, workspace: id}

		token := strings.TrimSpace(inside.run(`printf %s "$OPENAI_API_KEY"`))
		require.True(t, strings.HasPrefix(token, "atr_"), "%q", token)
		require.Equal(t, token+" "+token, strings.TrimSpace(inside.run(`printf '%s %s' "$ANTHROPIC_API_KEY" "$ANTHROPIC_AUTH_TOKEN"`)))
		said := inside.run(askModels)
		require.Equal(t, 2, strings.Count(said, "200 {"), said)
		require.Equal(t, 2, strings.Count(said, "Demo provider"), said)
		require.Equal(t, []string{"gateway.anthropic", "gateway.openai"}, rows(t, p, `SELECT source FROM ai.ai_usage ORDER BY 1`))
		require.NotContains(t, inside.run(`cat /proc/[0-9]*/cmdline | tr '\0' ' '`), token, "it is no argument of any process")

		s := p.script(t, token)
		require.Equal(t, 200, s.call("GET", "/api/ai/models", nil).StatusCode)
		for _, path := range []string{"/api/users/me", "/api/chat/search?q=x", "/api/chat/prompts", "/api/ide/workspaces", "/api/auth/tokens"} {
			require.Equal(t, "SCOPE_MISSING", s.call("GET", path, nil).reason(), path)
		}
		private := ada.must("POST", "/api/chat/conversations", object{})["id"].(string)
		own := s.call("POST", "/api/chat/conversations", object{}).object(t)
		require.Equal(t, id, own["workspaceId"])
		require.Len(t, s.call("GET", "/api/chat/conversations", nil).object(t)["conversations"], 1)
		for _, path := range []string{"", "/messages"} {
			require.Equal(t, "CONVERSATION_NOT_FOUND", s.call("GET", "/api/chat/conversations/"+private+path, nil).reason(), path)
		}
		require.Equal(t, "SCOPE_MISSING", s.call("DELETE", "/api/chat/conversations/"+own["id"].(string), nil).reason())
		listed := ada.must("GET", "/api/auth/tokens", nil)["apiTokens"].([]any)
		require.Len(t, listed, 1)
		require.Equal(t, "Workspace mine", listed[0].(object)["name"])

		ada.must("POST", "/api/ide/workspaces/"+id+"/restart", object{})
		eventually(t, "the token before the restart is no good", func() error { return refused(s) })
		ada.waitStatus(id, "running")
		after := strings.TrimSpace(inside.run(`printf %s "$OPENAI_API_KEY"`))
		require.NotEqual(t, token, after)
		s = p.script(t, after)
		require.Equal(t, 200, s.call("GET", "/api/ai/models", nil).StatusCode)
		ada.must("POST", "/api/ide/workspaces/"+id+"/stop", object{})
		eventually(t, "the token of a stopped workspace is no good", func() error { return refused(s) })
		require.Equal(t, []string{"0"}, rows(t, p, `SELECT count(*)::text FROM auth.api_tokens`))
		require.Equal(t, []string{"auth.token.create 2", "auth.token.revoke 2"}, rows(t, p, `SELECT event_type || ' ' || count(*) FROM audit.audit_log
			WHERE event_type LIKE 'auth.token.%' AND status = 'success' AND user_id IS NOT NULL GROUP BY event_type ORDER BY event_type`))
		require.NotContains(t, p.logs.String(), token)
		require.NotContains(t, p.logs.String(), after)
		for _, text := range rows(t, p, `SELECT t::text FROM ide.ide_workspaces t UNION ALL SELECT a::text FROM audit.audit_log a`) {
			require.NotContains(t, text, token)
		}
	})
}

func refused(s script) error {
	got := s.call("GET", "/api/ai/models", nil)
	if got.StatusCode == http.StatusUnauthorized && got.reason() == "TOKEN_INVALID" {
		return nil
	}
	return errors.New(fmt.Sprint(got.Status))
}
