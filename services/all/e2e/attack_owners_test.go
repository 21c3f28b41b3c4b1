package e2e

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAttack19 is the authorization matrix: every route of the contract, by
// everybody who may not use it, with the ids of somebody's own things.
func TestAttack19NobodyReachesWhatIsSomebodyElses(t *testing.T) {
	p := attacked(t)
	ada := personOf(t, p, "ada19")
	eve := p.browser(t)
	eve.register("eve19")
	admin := p.administrator(t)
	before, facts := ada.state(), p.facts(t)
	for _, r := range everyRoute(t) {
		rule := r.rule(t)
		for _, accept := range []string{"application/json", "text/event-stream"} {
			refused := func(who string, b *browser, want int, headers ...string) {
				t.Helper()
				var body io.Reader
				if text := r.body(t); text != "" {
					body = strings.NewReader(text)
				}
				if r.path == "/api/chat/attachments" {
					headers = append(headers, "Content-Type", "application/octet-stream")
				}
				got := b.do(b.request(r.method, ada.own(r), body, append(headers, "Accept", accept)...))
				require.Equal(t, want, got.StatusCode, "%s: %s %s: %s", who, r.method, r.path, got.body)
			}
			if rule.level == "anonymous" {
				continue
			}
			refused("nobody", p.browser(t), http.StatusUnauthorized)
			refused("a token without the scope", p.browser(t), http.StatusForbidden, "Authorization", "Bearer "+eve.allScopesBut(rule.scope, "admin"))
			switch {
			case rule.level == "admin":
				refused("eve", eve, http.StatusForbidden)
				refused("an admin's token without the scope", p.browser(t), http.StatusForbidden, "Authorization", "Bearer "+admin.allScopesBut(rule.scope))
			case strings.Contains(r.path, "{"):
				refused("eve", eve, http.StatusNotFound)
				refused("an admin", admin, http.StatusNotFound)
			case r.method == "GET" && accept == "application/json":
				got := eve.call(r.method, r.path, nil)
				for _, id := range []string{ada.id, ada.conversation, ada.message, ada.prompt, ada.workspace, ada.session, ada.token} {
					require.NotContains(t, string(got.body), id, r.path)
				}
			}
		}
	}
	// The wire formats' routes are nobody's own.
	for path := range takesAnything {
		method, path, _ := strings.Cut(path, " ")
		if !strings.HasPrefix(path, "/api/ai/") {
			continue
		}
		body := func() io.Reader {
			if method == "GET" {
				return nil
			}
			return strings.NewReader(`{"model":"default","max_tokens":1,"messages":[{"role":"user","content":"x"}]}`)
		}
		nobody := p.browser(t)
		require.Equal(t, http.StatusUnauthorized, nobody.do(nobody.request(method, path, body())).StatusCode, path)
		require.Equal(t, http.StatusForbidden, nobody.do(nobody.request(method, path, body(), "Authorization", "Bearer "+eve.allScopesBut("ai", "admin"))).StatusCode, path)
	}
	require.Equal(t, before, ada.state())
	require.Equal(t, facts, p.facts(t))
}

// administrator signs in as the deployment's first administrator.
func (p *platform) administrator(t *testing.T) *browser {
	t.Helper()
	b := p.browser(t)
	b.must("POST", "/api/auth/login", object{"login": p.setting("ATRIUM_ADMIN_EMAIL"), "password": p.setting("ATRIUM_ADMIN_PASSWORD")})
	return b
}

// allScopesBut is an API token with every scope but some.
func (b *browser) allScopesBut(without ...string) string {
	b.t.Helper()
	scopes := slices.DeleteFunc([]string{"ai", "chat", "ide", "account", "admin"}, func(s string) bool { return slices.Contains(without, s) })
	name := strings.Join(scopes, " ")
	if b.narrow == nil {
		b.narrow = map[string]string{}
	}
	if b.narrow[name] == "" {
		b.narrow[name] = b.must("POST", "/api/auth/tokens", object{"name": "narrow", "scopes": scopes})["token"].(string)
	}
	return b.narrow[name]
}

func TestAttack22AnothersStreamIsOutOfReach(t *testing.T) {
	p := attacked(t)
	ada, eve := p.browser(t), p.browser(t)
	ada.register("ada22")
	eve.register("eve22")
	stream := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Tell me a long story."})
	start, ok := stream.next()
	require.True(t, ok)
	path := "/api/chat/messages/" + start.data["assistantMessage"].(object)["id"].(string)
	for _, last := range []string{"", "0", "1"} {
		require.Equal(t, http.StatusNotFound, eve.call("GET", path+"/stream", nil, "Accept", "text/event-stream", "Last-Event-ID", last).StatusCode)
	}
	require.Equal(t, http.StatusNotFound, eve.call("POST", path+"/stop", object{}).StatusCode)
	require.Equal(t, http.StatusNotFound, eve.call("POST", path+"/regenerate", object{}, "Accept", "text/event-stream").StatusCode)
	ada.must("POST", path+"/stop", object{})
	last := stream.rest()
	require.Equal(t, "done", last[len(last)-1].name)
	require.Equal(t, "stopped", last[len(last)-1].data["message"].(object)["status"], "it ran until its own reader stopped it")
}
