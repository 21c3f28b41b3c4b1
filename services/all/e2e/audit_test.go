package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// deed is a call that the audit log must tell of.
type deed struct {
	route string
	do    func(a *actor) answer
}

// actor does deeds; each is done by somebody new, but what needs a running
// workspace, by one keeper.
type actor struct {
	*browser
	name   string
	admin  *browser
	keeper *keeper
}

// keeper has the one workspace of the test.
type keeper struct {
	*browser
	workspace string
}

// at gives a path in the keeper's workspace.
func (k *keeper) at(path string) string { return "/api/ide/workspaces/" + k.workspace + path }

// audited are the deeds, in an order in which all of them can be done.
var audited = []deed{
	{"POST /api/auth/register", func(a *actor) answer {
		return a.p.browser(a.t).call("POST", "/api/auth/register", object{"email": a.name + "x@example.com", "username": a.name + "x", "password": oldPassword})
	}},
	{"POST /api/auth/login", func(a *actor) answer {
		return a.call("POST", "/api/auth/login", object{"login": a.name, "password": oldPassword})
	}},
	{"POST /api/auth/login/totp", func(a *actor) answer {
		_, recovery := a.twoFactors()
		return a.call("POST", "/api/auth/login/totp", object{"challenge": a.p.browser(a.t).challenge(a.name), "code": recovery[0]})
	}},
	{"POST /api/auth/logout", func(a *actor) answer { return a.call("POST", "/api/auth/logout", object{}) }},
	{"POST /api/auth/password", func(a *actor) answer {
		return a.call("POST", "/api/auth/password", object{"currentPassword": oldPassword, "newPassword": newPassword})
	}},
	{"POST /api/auth/password/forgot", func(a *actor) answer {
		return a.p.browser(a.t).call("POST", "/api/auth/password/forgot", object{"email": a.name + "@example.com"})
	}},
	{"POST /api/auth/password/reset", func(a *actor) answer {
		a.must("POST", "/api/auth/password/forgot", object{"email": a.name + "@example.com"})
		token := ""
		eventually(a.t, "the operator has the link", func() error {
			for line := range strings.Lines(a.p.logs.String()) {
				if _, rest, ok := strings.Cut(line, "/reset#token="); ok && strings.Contains(line, a.name+"@") {
					token = rest[:strings.IndexAny(rest, "\\\"\n ")]
					return nil
				}
			}
			return errors.New("not yet")
		})
		return a.call("POST", "/api/auth/password/reset", object{"token": token, "newPassword": newPassword})
	}},
	{"POST /api/auth/totp", func(a *actor) answer { return a.call("POST", "/api/auth/totp", object{}) }},
	{"POST /api/auth/totp/confirm", func(a *actor) answer {
		code, err := totp.GenerateCode(a.must("POST", "/api/auth/totp", object{})["secret"].(string), time.Now())
		require.NoError(a.t, err)
		return a.call("POST", "/api/auth/totp/confirm", object{"code": code})
	}},
	{"POST /api/auth/totp/recovery-codes", func(a *actor) answer {
		secret, _ := a.twoFactors()
		code, err := totp.GenerateCode(secret, time.Now().Add(30*time.Second)) // the last one is used up
		require.NoError(a.t, err)
		return a.call("POST", "/api/auth/totp/recovery-codes", object{"code": code})
	}},
	{"DELETE /api/auth/totp", func(a *actor) answer {
		a.twoFactors()
		return a.call("DELETE", "/api/auth/totp", object{"password": oldPassword})
	}},
	{"POST /api/auth/tokens", func(a *actor) answer {
		return a.call("POST", "/api/auth/tokens", object{"name": "laptop", "scopes": []string{"chat"}})
	}},
	{"DELETE /api/auth/tokens/{id}", func(a *actor) answer {
		_, id := a.token("chat")
		return a.call("DELETE", "/api/auth/tokens/"+id, nil)
	}},
	{"DELETE /api/auth/sessions/{id}", func(a *actor) answer {
		phone := a.p.browser(a.t)
		phone.must("POST", "/api/auth/login", object{"login": a.name, "password": oldPassword})
		return a.call("DELETE", "/api/auth/sessions/"+phone.must("GET", "/api/auth/session", nil)["session"].(object)["id"].(string), nil)
	}},
	{"DELETE /api/auth/sessions", func(a *actor) answer {
		a.p.browser(a.t).must("POST", "/api/auth/login", object{"login": a.name, "password": oldPassword})
		return a.call("DELETE", "/api/auth/sessions", nil)
	}},
	{"PATCH /api/users/me", func(a *actor) answer { return a.call("PATCH", "/api/users/me", object{"fullName": "Ada"}) }},
	{"GET /api/users/me/export", func(a *actor) answer { return a.call("GET", "/api/users/me/export", nil) }},
	{"DELETE /api/users/me", func(a *actor) answer { return a.call("DELETE", "/api/users/me", object{"password": oldPassword}) }},

	{"PATCH /api/admin/users/{id}", func(a *actor) answer {
		return a.admin.call("PATCH", "/api/admin/users/"+a.id(), object{"plan": "pro"})
	}},
	{"POST /api/admin/users/{id}/sessions/revoke", func(a *actor) answer {
		return a.admin.call("POST", "/api/admin/users/"+a.id()+"/sessions/revoke", object{})
	}},
	{"DELETE /api/admin/users/{id}", func(a *actor) answer { return a.admin.call("DELETE", "/api/admin/users/"+a.id(), nil) }},
	{"PUT /api/admin/plans", func(a *actor) answer {
		return a.admin.call("PUT", "/api/admin/plans", object{"plans": []object{{"name": a.name, "aiTokensMonthly": "5", "workspaces": "1", "ideSecondsMonthly": "60", "storageBytes": "1", "cpuMillis": "1", "memoryBytes": "1"}}})
	}},
	{"POST /api/admin/announcements", func(a *actor) answer {
		return a.admin.call("POST", "/api/admin/announcements", object{"text": "Hello.", "level": "info"})
	}},
	{"PUT /api/admin/announcements/{id}", func(a *actor) answer {
		return a.admin.call("PUT", "/api/admin/announcements/"+a.announcement(), object{"text": "Hello again.", "level": "info"})
	}},
	{"DELETE /api/admin/announcements/{id}", func(a *actor) answer {
		return a.admin.call("DELETE", "/api/admin/announcements/"+a.announcement(), nil)
	}},
	{"POST /api/admin/providers/{name}/check", func(a *actor) answer {
		return a.admin.call("POST", "/api/admin/providers/demo/check", object{})
	}},
	{"PUT /api/ide/editor-settings", func(a *actor) answer {
		return a.call("PUT", "/api/ide/editor-settings", object{"choices": object{"fontSize": 15}})
	}},
	{"POST /api/admin/usage/corrections", func(a *actor) answer {
		return a.admin.call("POST", "/api/admin/usage/corrections", object{"userId": a.id(), "inputTokens": "5", "reason": "goodwill"})
	}},
	{"GET /api/admin/audit", func(a *actor) answer { return a.admin.call("GET", "/api/admin/audit", nil) }},

	{"POST /api/chat/conversations", func(a *actor) answer {
		return a.call("POST", "/api/chat/conversations", object{"title": "Talk"})
	}},
	{"PATCH /api/chat/conversations/{id}", func(a *actor) answer {
		return a.call("PATCH", "/api/chat/conversations/"+a.conversation(), object{"title": "Talks"})
	}},
	{"DELETE /api/chat/conversations/{id}", func(a *actor) answer {
		return a.call("DELETE", "/api/chat/conversations/"+a.conversation(), nil)
	}},
	{"POST /api/chat/conversations/{id}/restore", func(a *actor) answer {
		id := a.conversation()
		a.must("DELETE", "/api/chat/conversations/"+id, nil)
		return a.call("POST", "/api/chat/conversations/"+id+"/restore", object{})
	}},
	{"POST /api/chat/conversations/{id}/share", func(a *actor) answer {
		return a.call("POST", "/api/chat/conversations/"+a.talked()+"/share", object{})
	}},
	{"DELETE /api/chat/conversations/{id}/share", func(a *actor) answer {
		id := a.talked()
		a.must("POST", "/api/chat/conversations/"+id+"/share", object{})
		return a.call("DELETE", "/api/chat/conversations/"+id+"/share", nil)
	}},
	{"POST /api/chat/conversations/{conversation_id}/messages", func(a *actor) answer {
		return a.call("POST", "/api/chat/conversations/"+a.conversation()+"/messages", object{"content": "Hello."})
	}},
	{"POST /api/chat/messages/{id}/stop", func(a *actor) answer {
		_, id := a.asked()
		return a.call("POST", "/api/chat/messages/"+id+"/stop", object{})
	}},
	{"POST /api/chat/messages/{id}/regenerate", func(a *actor) answer {
		_, id := a.asked()
		a.must("POST", "/api/chat/messages/"+id+"/stop", object{})
		return a.call("POST", "/api/chat/messages/"+id+"/regenerate", object{})
	}},
	{"POST /api/chat/attachments", func(a *actor) answer {
		return a.do(a.request("POST", "/api/chat/attachments?name=notes.txt", strings.NewReader("Hello."), "Content-Type", "application/octet-stream"))
	}},
	{"DELETE /api/chat/attachments/{id}", func(a *actor) answer {
		return a.call("DELETE", "/api/chat/attachments/"+a.upload("notes.txt", "Hello.")["id"].(string), nil)
	}},
	{"POST /api/chat/prompts", func(a *actor) answer {
		return a.call("POST", "/api/chat/prompts", object{"title": "mine", "content": "Explain this."})
	}},
	{"PATCH /api/chat/prompts/{id}", func(a *actor) answer {
		return a.call("PATCH", "/api/chat/prompts/"+a.prompt(), object{"title": "yours"})
	}},
	{"DELETE /api/chat/prompts/{id}", func(a *actor) answer { return a.call("DELETE", "/api/chat/prompts/"+a.prompt(), nil) }},

	{"POST /api/ai/chat", asks("/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}})},
	{"POST /api/ai/anthropic/v1/messages", asksByToken("/api/ai/anthropic/v1/messages")},
	{"POST /api/ai/openai/v1/chat/completions", asksByToken("/api/ai/openai/v1/chat/completions")},
	{"POST /api/ide/ai/complete", asks("/api/ide/ai/complete", bodies["POST /api/ide/ai/complete"])},
	{"POST /api/ide/ai/explain", asks("/api/ide/ai/explain", bodies["POST /api/ide/ai/explain"])},
	{"POST /api/ide/ai/explain, streamed", asks("/api/ide/ai/explain", bodies["POST /api/ide/ai/explain"], "Accept", "text/event-stream")},
	{"POST /api/ide/ai/debug", asks("/api/ide/ai/debug", bodies["POST /api/ide/ai/debug"])},
	{"POST /api/ide/ai/refactor", asks("/api/ide/ai/refactor", bodies["POST /api/ide/ai/refactor"])},
	{"POST /api/ide/ai/tests", asks("/api/ide/ai/tests", bodies["POST /api/ide/ai/tests"])},
	{"POST /api/ide/ai/docs", asks("/api/ide/ai/docs", bodies["POST /api/ide/ai/docs"])},
	{"POST /api/ide/ai/commit-message", asks("/api/ide/ai/commit-message", bodies["POST /api/ide/ai/commit-message"])},

	{"POST /api/ide/workspaces", func(a *actor) answer {
		return a.call("POST", "/api/ide/workspaces", object{"name": "mine"})
	}},
	{"PATCH /api/ide/workspaces/{id}", func(a *actor) answer { return a.call("PATCH", a.workspace(), object{"name": "renamed"}) }},
	{"DELETE /api/ide/workspaces/{id}", func(a *actor) answer { return a.call("DELETE", a.workspace(), nil) }},
	{"POST /api/ide/workspaces/{workspace_id}/directories", func(a *actor) answer {
		return a.call("POST", a.workspace()+"/directories", object{"path": "src"})
	}},
	{"PUT /api/ide/workspaces/{workspace_id}/files/content", func(a *actor) answer {
		return a.do(a.request("PUT", a.workspace()+"/files/content?path=notes.txt", strings.NewReader("Hello."), "Content-Type", "application/octet-stream"))
	}},
	{"POST /api/ide/workspaces/{workspace_id}/files/move", func(a *actor) answer {
		at := a.workspace()
		a.must("POST", at+"/directories", object{"path": "src"})
		return a.call("POST", at+"/files/move", object{"from": "src", "to": "lib"})
	}},
	{"DELETE /api/ide/workspaces/{workspace_id}/files/content", func(a *actor) answer {
		at := a.workspace()
		a.must("POST", at+"/directories", object{"path": "src"})
		return a.call("DELETE", at+"/files/content?path=src", nil)
	}},
	{"PUT /api/ide/workspaces/{workspace_id}/archive", func(a *actor) answer {
		return a.do(a.request("PUT", a.workspace()+"/archive", bytes.NewReader(zipped(a.t, "notes.txt", "Hello.")), "Content-Type", "application/zip"))
	}},
	{"POST /api/ide/workspaces/{id}/start", func(a *actor) answer {
		started := a.keeper.call("POST", a.keeper.at("/start"), object{})
		a.keeper.waitStatus(a.keeper.workspace, "running")
		return started
	}},
	{"POST /api/ide/workspaces/{id}/extend", func(a *actor) answer {
		return a.keeper.call("POST", a.keeper.at("/extend"), bodies["POST /api/ide/workspaces/{id}/extend"])
	}},
	{"POST /api/ide/workspaces/{id}/open", func(a *actor) answer { return a.keeper.call("POST", a.keeper.at("/open"), object{}) }},
	{"POST /_atrium/enter", func(a *actor) answer { return a.keeper.enter(a.keeper.workspace).entry }},
	{"POST /api/ide/workspaces/{id}/ports/{port}/open", func(a *actor) answer {
		return a.keeper.call("POST", a.keeper.at("/ports/3000/open"), object{})
	}},
	{"PUT /api/ide/workspaces/{id}/ports/{port}", func(a *actor) answer {
		return a.keeper.call("PUT", a.keeper.at("/ports/3000"), object{"visibility": "private"})
	}},
	{"POST /api/ide/workspaces/{id}/restart", func(a *actor) answer { return a.keeper.call("POST", a.keeper.at("/restart"), object{}) }},
	{"POST /api/admin/workspaces/{id}/stop", func(a *actor) answer {
		return a.admin.call("POST", "/api/admin/workspaces/"+a.keeper.workspace+"/stop", object{})
	}},
	{"POST /api/ide/workspaces/{id}/stop", func(a *actor) answer {
		a.keeper.waitStatus(a.keeper.workspace, "stopped")
		a.keeper.must("POST", a.keeper.at("/start"), object{})
		return a.keeper.call("POST", a.keeper.at("/stop"), object{})
	}},
}

// unaudited are the calls that are no readings and yet leave no entry, each
// with the reason.
var unaudited = map[string]string{
	"POST /api/auth/oidc/{provider}/link":             "only begins; what comes back from the provider is recorded",
	"GET /api/auth/oidc/{provider}":                   "likewise",
	"POST /api/announcements/{id}/dismiss":            "what somebody puts away is away for them alone",
	"POST /api/admin/isolation/check":                 "starts something that ends with the answer",
	"POST /api/ai/anthropic/v1/messages/count_tokens": "a number, for which nothing is answered, charged or kept",

	"POST /api/ide/workspaces/{workspace_id}/windows/requests":           "shows a file of the caller's in the caller's own editor",
	"POST /api/ide/workspaces/{workspace_id}/windows/requests/{id}/take": "likewise",
	"POST /api/ide/workspaces/{workspace_id}/windows/files":              "a number for the operator's metrics",
}

// elsewhere are the routes whose entries other tests look for.
var elsewhere = map[string]string{
	"GET /api/auth/oidc/{provider}/callback": "TestSignInAtAProvider",
	"DELETE /api/auth/identities/{id}":       "TestLinkALoginAndUnlinkIt",
}

// behind says where the RPCs are called that no route of the contract names.
var behind = map[string]string{
	"/atrium.ai.v1.AIService/Generate":                         "POST /api/ai/chat",
	"/atrium.ai.v1.AIService/CountTokens":                      "POST /api/ai/anthropic/v1/messages/count_tokens",
	"/atrium.ai.v1.AIService/ExportAccount":                    "GET /api/users/me/export",
	"/atrium.auth.v1.UserService/ExportAccount":                "GET /api/users/me/export",
	"/atrium.chat.v1.ChatService/ExportAccount":                "GET /api/users/me/export",
	"/atrium.ide.v1.WorkspaceService/ExportAccount":            "GET /api/users/me/export",
	"/atrium.auth.v1.AdminService/SummarizeAccounts":           "GET /api/admin/overview",
	"/atrium.ide.v1.WorkspaceAdminService/SummarizeWorkspaces": "GET /api/admin/overview",
	"/atrium.ai.v1.UsageAdminService/ListProviders":            "GET /api/admin/overview",
	"/atrium.ide.v1.WorkspaceAdminService/ListWorkspaceUse":    "GET /api/admin/plans/effect",
	"/atrium.auth.v1.AuthService/BeginOIDC":                    "GET /api/auth/oidc/{provider}",
	"/atrium.chat.v1.ChatService/UploadAttachment":             "POST /api/chat/attachments",
	"/atrium.ide.v1.CodeService/StreamExplain":                 "POST /api/ide/ai/explain, streamed",
	"/atrium.ide.v1.FileService/WriteFile":                     "PUT /api/ide/workspaces/{workspace_id}/files/content",
	"/atrium.ide.v1.FileService/WriteArchive":                  "PUT /api/ide/workspaces/{workspace_id}/archive",
	"/atrium.ide.v1.FileService/DeleteFile":                    "DELETE /api/ide/workspaces/{workspace_id}/files/content",
	"/atrium.ide.v1.WorkspaceService/RedeemTicket":             "POST /_atrium/enter",
	"/atrium.auth.v1.AuthService/FinishOIDC":                   "GET /api/auth/oidc/{provider}/callback",
	// Services make these calls of themselves; a test of what they are for looks for the entries.
	"/atrium.auth.v1.AuthService/IssueWorkspaceToken": "TestAWorkspaceAsksModelsWithATokenOfItsOwn",
	"/atrium.auth.v1.AuthService/SendBudgetAlert":     "TestEachThresholdIsToldOnceByWhomeverLooks",  // the ai service's own, for the alert that it mails about
	"/atrium.auth.v1.AuthService/SendDormancyNotice":  "TestAnUnusedWorkspaceIsDeletedAfterAWarning", // the ide service's own, for the workspace that it mails about
	"/atrium.auth.v1.AuthService/EndWorkspaceToken":   "TestAWorkspaceAsksModelsWithATokenOfItsOwn",
	// No route of the API, but a WebSocket.
	"/atrium.ide.v1.TerminalService/Attach": "TestATerminalOutlivesItsPageAndThePlatformsPrograms",
	// Readings.
	"/atrium.ai.v1.AIService/GetTokenUsage":                    "GET",
	"/atrium.auth.v1.AuthService/ValidateAPIToken":             "GET",
	"/atrium.auth.v1.AuthService/ValidateSession":              "GET",
	"/atrium.auth.v1.AuthService/GetStanding":                  "GET",
	"/atrium.chat.v1.ChatService/ExportConversation":           "GET",
	"/atrium.chat.v1.ChatService/GetAttachment":                "GET",
	"/atrium.chat.v1.ChatService/Watch":                        "GET",
	"/atrium.ide.v1.FileService/ReadFile":                      "GET",
	"/atrium.ide.v1.FileService/ReadArchive":                   "GET",
	"/atrium.ide.v1.WorkspaceService/GetWorkspaceUsage":        "GET",
	"/atrium.ide.v1.WorkspaceService/ValidateWorkspaceSession": "GET",
	"/atrium.ide.v1.WorkspaceService/WatchWorkspace":           "GET",
	"/atrium.ide.v1.WindowService/WatchWindowRequests":         "GET",
}

// TestEveryChangeHasADeed holds every route and RPC of the contracts to be in
// the lists above, so that a new one is not forgotten.
func TestEveryChangeHasADeed(t *testing.T) {
	known := map[string]bool{}
	for _, d := range audited {
		known[d.route] = true
	}
	for _, others := range []map[string]string{unaudited, elsewhere} {
		for route := range others {
			require.False(t, known[route], "%s: in two lists", route)
			known[route] = true
		}
	}
	for _, r := range everyRoute(t) {
		if name := r.method + " " + r.path; r.changes() {
			require.True(t, known[name], "%s changes something: add the deed that shows its entry in the audit log", name)
		}
	}
	for name := range takesAnything {
		if !strings.HasPrefix(name, "GET ") {
			require.True(t, known[name], "%s changes something: add the deed that shows its entry in the audit log", name)
		}
	}
	for name, route := range calls(t) {
		place, listed := behind[name]
		require.NotEqual(t, route == "", !listed, "%s: say which deed makes this call, or that it is a reading", name)
		reading := strings.HasPrefix(route+place, "GET")
		require.True(t, reading || known[route+place] || strings.HasPrefix(place, "Test"), "%s: %s is no deed", name, place)
	}
	for name := range behind {
		_, there := calls(t)[name]
		require.True(t, there, "%s: no such call", name)
	}
}

// calls are the RPCs of the contracts with the routes that they name.
func calls(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, call := range rpcs(t) {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(call.name[1:], "/", ".")))
		require.NoError(t, err)
		all[call.name] = ""
		if rule, ok := proto.GetExtension(found.Options(), annotations.E_Http).(*annotations.HttpRule); ok && rule != nil {
			all[call.name] = routeOf(rule)
		}
	}
	return all
}

// TestEveryChangeIsInTheAuditLog does every deed and finds its entry, by the id
// of the request, with who it was and from where.
func TestEveryChangeIsInTheAuditLog(t *testing.T) {
	needVSCode(t)
	p := attacked(t)
	k := &keeper{browser: p.browser(t)}
	k.register("keeper")
	k.workspace = k.must("POST", "/api/ide/workspaces", object{"name": "kept"})["id"].(string)
	t.Cleanup(func() { k.delete(k.workspace) })
	admin := p.administrator(t)
	for i, d := range audited {
		a := &actor{browser: p.browser(t), name: fmt.Sprintf("audited%d", i), admin: admin, keeper: k}
		a.register(a.name)
		got := d.do(a)
		require.Less(t, got.StatusCode, 400, "%s: %s", d.route, got.body)
		p.requireEntry(t, got, d.route)
	}
}

// requireEntry finds what the audit log has of the request that was answered.
func (p *platform) requireEntry(t *testing.T, got answer, what string) {
	t.Helper()
	id := got.Header.Get("X-Request-Id")
	require.Regexp(t, `^[0-9a-zA-Z-]+$`, id)
	more := "user_id IS NOT NULL AND resource_id <> ''"
	switch what {
	case "POST /api/auth/password/forgot":
		more = "user_id IS NULL AND resource_id <> ''" // anybody can ask for anybody
	case "GET /api/admin/audit":
		more = "user_id IS NOT NULL" // there is one log
	}
	eventually(t, what+" is in the audit log", func() error {
		entries := rows(t, p, `SELECT event_type FROM audit.audit_log WHERE metadata->>'requestId' = '`+id+`' AND status = 'success'
			AND host(ip_address) = '127.0.0.1' AND user_agent LIKE 'Go-http-client/%' AND resource_type <> '' AND `+more)
		if len(entries) == 0 {
			return fmt.Errorf("request %s left %q", id, rows(t, p, `SELECT row_to_json(l)::text FROM audit.audit_log l WHERE metadata->>'requestId' = '`+id+`'`))
		}
		return nil
	})
}

// TestARefusedCallIsInTheAuditLog is for what no service hears of: the
// interceptors refuse it.
func TestARefusedCallIsInTheAuditLog(t *testing.T) {
	p := attacked(t)
	eve := p.browser(t)
	id := eve.register("everefused")["id"].(string)
	victim := p.browser(t).register("victimrefused")["id"].(string)
	got := eve.call("PATCH", "/api/admin/users/"+victim, object{"plan": "enterprise"})
	require.Equal(t, http.StatusForbidden, got.StatusCode, "%s", got.body)
	eventually(t, "the refusal is in the audit log", func() error {
		entries := rows(t, p, `SELECT concat_ws(' ', resource_type, resource_id, action, status, error, host(ip_address), user_agent, metadata->>'method', metadata->>'requestId')
			FROM audit.audit_log WHERE event_type = 'call.refused' AND user_id = '`+id+`'`)
		if len(entries) == 0 {
			return errors.New("not yet")
		}
		require.Equal(t, []string{"call " + victim + " UpdateUser failure PERMISSION_DENIED 127.0.0.1 Go-http-client/1.1 /atrium.auth.v1.AdminService/UpdateUser " +
			got.Header.Get("X-Request-Id")}, entries)
		return nil
	})
}

// announcement gives one that the administrator has made.
func (a *actor) announcement() string {
	return a.admin.must("POST", "/api/admin/announcements", object{"text": a.name, "level": "info"})["id"].(string)
}

// id is the actor's own.
func (a *actor) id() string { return a.must("GET", "/api/users/me", nil)["id"].(string) }

// asked gives a conversation and an answer in it that is being written.
func (a *actor) asked() (conversation, message string) {
	a.t.Helper()
	conversation = a.conversation()
	start, ok := a.open("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Tell me a long story."}).next()
	require.True(a.t, ok)
	return conversation, start.data["assistantMessage"].(object)["id"].(string)
}

// talked gives a conversation with a question and its answer.
func (a *actor) talked() string {
	a.t.Helper()
	id := a.conversation()
	a.must("POST", "/api/chat/conversations/"+id+"/messages", object{"content": "Hello."})
	return id
}

func (a *actor) prompt() string {
	return a.must("POST", "/api/chat/prompts", object{"title": "mine", "content": "Explain this."})["id"].(string)
}

// workspace makes one and gives its path.
func (a *actor) workspace() string {
	return "/api/ide/workspaces/" + a.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)
}

// asksByToken is the same in a provider's wire format, as its SDKs ask.
func asksByToken(path string) func(*actor) answer {
	return func(a *actor) answer {
		s, _ := a.token("ai")
		return s.call("POST", path, wireQuestion)
	}
}

var wireQuestion = object{"model": "default", "max_tokens": 10, "messages": []object{{"role": "user", "content": "Hello."}}}

// asks is the deed of asking a model something.
func asks(path string, question object, headers ...string) func(*actor) answer {
	return func(a *actor) answer { return a.call("POST", path, question, headers...) }
}
