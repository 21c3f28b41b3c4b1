package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/redisdb"
)

// canary stands for the platform's secrets; whoever finds it has found one.
const canary = "canary-3f9a51c7"

// target is the platform that every attack is made on, as five programs, since
// only these have ports between them. It lives as long as the test run.
var target struct {
	once     sync.Once
	life     *lasting
	platform *platform
}

func attacked(t *testing.T) *platform {
	t.Helper()
	target.once.Do(func() {
		target.life = &lasting{TB: t}
		target.platform = startPlatform(target.life, "services",
			"ANTHROPIC_API_KEY=", "OPENAI_API_KEY=", "ATRIUM_ADMIN_PASSWORD=correct horse battery "+canary,
			"ATRIUM_RATE_LIMIT_API=0", "ATRIUM_RATE_LIMIT_AI=0", "ATRIUM_RATE_LIMIT_SIGN_IN=0")
	})
	require.NotNil(t, target.platform, "the platform did not start")
	return target.platform
}

// endAttacked stops the platform; false when something went wrong.
func endAttacked() bool { return target.life == nil || target.life.end() }

// lasting is a test whose clean-up waits for the end of the run.
type lasting struct {
	testing.TB
	ends   []func()
	failed bool
}

func (l *lasting) Cleanup(end func())       { l.ends = append(l.ends, end) }
func (l *lasting) Context() context.Context { return context.Background() }
func (l *lasting) Failed() bool             { return l.failed }
func (l *lasting) Helper()                  {}
func (l *lasting) Logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func (l *lasting) Errorf(format string, args ...any) {
	l.failed = true
	l.Logf(format, args...)
}

func (l *lasting) end() bool {
	for _, end := range slices.Backward(l.ends) {
		end()
	}
	return !l.failed
}

// database connects as the deployment's own user.
func (p *platform) database(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.setting("DATABASE_URL"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (p *platform) redis(t *testing.T) *redis.Client {
	t.Helper()
	client, err := redisdb.Open(config.Secret(p.setting("REDIS_URL")))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// person is a signed-in user who has one of everything that can be had.
type person struct {
	*browser
	id, conversation, message, prompt, attachment, workspace, session, token string
}

// personOf registers a user; the name must be new to the platform.
func personOf(t *testing.T, p *platform, name string) person {
	t.Helper()
	b := p.browser(t)
	who := person{browser: b, id: b.register(name)["id"].(string), conversation: b.conversation()}
	messages := b.open("POST", "/api/chat/conversations/"+who.conversation+"/messages", object{"content": "Hello."})
	start, ok := messages.next()
	require.True(t, ok)
	who.message = start.data["assistantMessage"].(object)["id"].(string)
	b.must("POST", "/api/chat/messages/"+who.message+"/stop", object{})
	messages.rest()
	who.prompt = b.must("POST", "/api/chat/prompts", object{"title": "mine", "content": "Explain this."})["id"].(string)
	who.attachment = b.upload("notes.txt", "Hello.")["id"].(string)
	who.workspace = b.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)
	who.session = b.must("GET", "/api/auth/session", nil)["session"].(object)["id"].(string)
	who.token = b.must("POST", "/api/auth/tokens", object{"name": "mine", "scopes": []string{"chat"}})["apiToken"].(object)["id"].(string)
	return who
}

// state is all that the person has, as the person sees it.
func (who person) state() string {
	who.t.Helper()
	all := object{}
	for _, path := range []string{
		"/api/users/me", "/api/auth/tokens", "/api/chat/conversations", "/api/chat/conversations/" + who.conversation + "/messages", "/api/chat/prompts",
		"/api/ide/workspaces", "/api/ide/workspaces/" + who.workspace + "/events", "/api/ide/workspaces/" + who.workspace + "/files",
	} {
		all[path] = who.must("GET", path, nil)
	}
	sessions := who.must("GET", "/api/auth/sessions", nil)["sessions"].([]any)
	all["sessions"] = len(sessions) // when each was last used does change
	text, err := json.Marshal(all)
	require.NoError(who.t, err)
	return string(text)
}

// needs are what a route can't do without in its query.
var needs = map[string]string{
	"GET /api/admin/plans/effect":                             "?name=free&aiTokensMonthly=1&workspaces=1",
	"GET /api/ide/files/search":                               "?q=readme",
	"GET /api/chat/conversations/{id}/export":                 "?format=md",
	"GET /api/ide/workspaces/{workspace_id}/files/content":    "?path=README.md",
	"PUT /api/ide/workspaces/{workspace_id}/files/content":    "?path=planted",
	"DELETE /api/ide/workspaces/{workspace_id}/files/content": "?path=README.md",
}

// own fills a route's parameter with the person's own.
func (who person) own(r route) string {
	who.t.Helper()
	r.path += needs[r.method+" "+r.path]
	for prefix, id := range map[string]string{
		"/api/chat/conversations/{": who.conversation, "/api/chat/messages/{": who.message, "/api/chat/prompts/{": who.prompt,
		"/api/chat/attachments/{": who.attachment,
		"/api/chat/shared/{":      "nowhere",
		"/api/ide/workspaces/{":   who.workspace, "/api/auth/sessions/{": who.session, "/api/auth/tokens/{": who.token,
		"/api/admin/users/{": who.id, "/api/admin/workspaces/{": who.workspace,
		"/api/announcements/{": uuid.NewString(), "/api/admin/announcements/{": uuid.NewString(), "/api/admin/providers/{": "nowhere",
		"/api/auth/identities/{": uuid.NewString(), "/api/auth/oidc/{": "nowhere",
	} {
		if strings.HasPrefix(r.path, prefix) {
			return r.withID(id)
		}
	}
	require.NotContains(who.t, r.path, "{", "a person must have one of these too")
	return r.path
}

// bodies are what each route that takes one would accept.
var bodies = map[string]object{
	"POST /api/ai/chat":                                        {"messages": []object{{"role": "user", "content": "Hello."}}},
	"POST /api/auth/login":                                     {"login": "admin@example.com", "password": "correct horse battery " + canary},
	"POST /api/auth/logout":                                    {},
	"POST /api/auth/password":                                  {"currentPassword": "a long enough passphrase", "newPassword": "another long passphrase"},
	"DELETE /api/auth/totp":                                    {"password": "a long enough passphrase"},
	"POST /api/auth/login/totp":                                {"challenge": "x", "code": "123456"},
	"POST /api/auth/oidc/{provider}/link":                      {},
	"POST /api/auth/password/forgot":                           {"email": "admin@example.com"},
	"POST /api/auth/password/reset":                            {"token": "x", "newPassword": "another long passphrase"},
	"POST /api/auth/totp":                                      {},
	"POST /api/auth/totp/confirm":                              {"code": "123456"},
	"POST /api/auth/totp/recovery-codes":                       {"code": "123456"},
	"DELETE /api/users/me":                                     {"password": "a long enough passphrase"},
	"PATCH /api/admin/users/{id}":                              {"roles": []string{"admin"}, "plan": "enterprise"},
	"POST /api/admin/users/{id}/sessions/revoke":               {},
	"POST /api/admin/workspaces/{id}/stop":                     {},
	"POST /api/admin/usage/corrections":                        {"userId": "00000000-0000-4000-8000-000000000001", "inputTokens": 1, "reason": "planted"},
	"POST /api/admin/providers/{name}/check":                   {},
	"POST /api/admin/isolation/check":                          {},
	"POST /api/admin/announcements":                            {"text": "planted", "level": "info"},
	"PUT /api/admin/announcements/{id}":                        {"text": "planted", "level": "info"},
	"POST /api/announcements/{id}/dismiss":                     {},
	"PUT /api/ide/editor-settings":                             {"choices": object{"fontSize": 15}},
	"PUT /api/admin/plans":                                     {"plans": []object{{"name": "planted"}}},
	"POST /api/auth/register":                                  {"email": "new@example.com", "username": "newcomer", "password": "a long enough passphrase"},
	"POST /api/auth/tokens":                                    {"name": "planted", "scopes": []string{"chat"}},
	"POST /api/chat/conversations":                             {"title": "planted"},
	"POST /api/chat/conversations/{conversation_id}/messages":  {"content": "planted"},
	"POST /api/chat/attachments":                               {},
	"PATCH /api/chat/conversations/{id}":                       {"title": "planted"},
	"POST /api/chat/conversations/{id}/restore":                {},
	"POST /api/chat/conversations/{id}/share":                  {},
	"POST /api/chat/prompts":                                   {"title": "planted", "content": "planted"},
	"PATCH /api/chat/prompts/{id}":                             {"title": "planted"},
	"POST /api/chat/messages/{id}/regenerate":                  {},
	"POST /api/chat/messages/{id}/stop":                        {},
	"POST /api/ide/ai/commit-message":                          {"diff": "x"},
	"POST /api/ide/ai/docs":                                    {"code": "x"},
	"POST /api/ide/ai/tests":                                   {"code": "x"},
	"POST /api/ide/ai/complete":                                {"code": "x = ", "cursor": 4, "language": "python"},
	"POST /api/ide/ai/debug":                                   {"error": "x", "code": "x"},
	"POST /api/ide/ai/explain":                                 {"code": "x"},
	"POST /api/ide/ai/refactor":                                {"code": "x", "instruction": "y"},
	"POST /api/ide/workspaces":                                 {"name": "planted"},
	"PATCH /api/ide/workspaces/{id}":                           {"name": "planted"},
	"PUT /api/ide/workspaces/{workspace_id}/files/content":     {"any": "bytes"},
	"PUT /api/ide/workspaces/{workspace_id}/archive":           {"any": "bytes"},
	"POST /api/ide/workspaces/{workspace_id}/files/move":       {"from": "README.md", "to": "planted"},
	"POST /api/ide/workspaces/{workspace_id}/directories":      {"path": "planted"},
	"POST /api/ide/workspaces/{workspace_id}/windows/requests": {"path": "README.md"},

	"POST /api/ide/workspaces/{workspace_id}/windows/requests/{id}/take": {},
	"POST /api/ide/workspaces/{workspace_id}/windows/files":              {"count": 1},

	"POST /api/ide/workspaces/{id}/open":              {},
	"POST /api/ide/workspaces/{id}/ports/{port}/open": {},
	"PUT /api/ide/workspaces/{id}/ports/{port}":       {"visibility": "users"},
	"POST /api/ide/workspaces/{id}/restart":           {},
	"POST /api/ide/workspaces/{id}/extend":            {},
	"POST /api/ide/workspaces/{id}/start":             {},
	"POST /api/ide/workspaces/{id}/stop":              {},
	"PATCH /api/users/me":                             {"fullName": "planted"},
}

// body is what the route would accept, empty for one that takes none.
func (r route) body(t *testing.T) string {
	t.Helper()
	if !r.hasBody {
		return ""
	}
	body, ok := bodies[r.method+" "+r.path]
	require.True(t, ok, "%s %s: say what it would accept", r.method, r.path)
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return string(text)
}

func (r route) changes() bool { return r.method != "GET" && r.method != "HEAD" }

// everyRoute is routes with those that have no bad input.
func everyRoute(t *testing.T) []route {
	return append(routes(t), route{method: "POST", path: "/api/auth/logout", hasBody: true}, route{method: "POST", path: "/api/auth/totp", hasBody: true},
		route{method: "POST", path: "/api/admin/isolation/check", hasBody: true},
		route{method: "GET", path: "/api/openapi.json"})
}
