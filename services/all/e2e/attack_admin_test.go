package e2e

import (
	"context"
	"encoding/csv"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// change is an administrator's change of an account.
func (b *browser) change(user string, what object) {
	b.t.Helper()
	b.must("PATCH", "/api/admin/users/"+user, what)
}

// openLimit is how long what is open may outlive the right to it.
const openLimit = 5 * time.Second

// openings are what a person has open while the rights behind it are taken:
// each tells when it was closed.
type openings struct {
	t      *testing.T
	closed map[string]chan time.Time
}

// opened opens everything that stays open: a stream and sockets by the session,
// of the platform and of a workspace, and a stream by an API token.
func opened(t *testing.T, p *platform, who *door, workspace, token string) openings {
	t.Helper()
	o := openings{t, map[string]chan time.Time{}}
	watch := func(name string, untilClosed func()) {
		closed := make(chan time.Time, 1)
		o.closed[name] = closed
		go func() { untilClosed(); closed <- time.Now() }()
	}
	events := "/api/ide/workspaces/" + workspace + "/events"
	mine := who.open("GET", events, nil)
	watch("stream", func() { mine.rest() })
	script := p.browser(t).open("GET", events, nil, "Authorization", "Bearer "+token)
	watch("stream by a token", func() { script.rest() })
	inside, _, err := websocket.Dial(t.Context(), strings.Replace(who.request("GET", socket, nil).URL.String(), "http:", "ws:", 1),
		&websocket.DialOptions{HTTPHeader: http.Header{"Cookie": {who.cookie}, "Origin": {who.origin()}}, Host: who.host})
	require.NoError(t, err)
	live, _, err := who.live(p.setting("ATRIUM_PUBLIC_URL"))
	require.NoError(t, err)
	for name, conn := range map[string]*websocket.Conn{"socket of the workspace": inside, "socket of the chat": live} {
		t.Cleanup(func() { _ = conn.CloseNow() })
		watch(name, func() {
			for {
				if _, _, err := conn.Read(context.Background()); err != nil {
					return
				}
			}
		})
	}
	return o
}

// end holds each to be closed in time after a deed that was done at some moment;
// some may be said to stay.
func (o openings) end(deed string, since time.Time, stay ...string) {
	o.t.Helper()
	for name, closed := range o.closed {
		if slices.Contains(stay, name) {
			select {
			case <-closed:
				o.t.Errorf("%s: the %s was closed", deed, name)
			default:
			}
			continue
		}
		select {
		case at := <-closed:
			require.LessOrEqual(o.t, at.Sub(since), openLimit, "%s: the %s", deed, name)
			o.t.Logf("%s: the %s closed within %s", deed, name, at.Sub(since))
		case <-time.After(patience):
			o.t.Fatalf("%s: the %s is still open", deed, name)
		}
	}
}

func TestAttack06RightsThatAreTakenEndAtOnce(t *testing.T) {
	needVSCode(t)
	p := attacked(t)
	owner := p.administrator(t)
	b := p.browser(t)
	id := b.register("victim06")["id"].(string)
	workspace := b.running("project")
	status := func(path string) int { return b.call("GET", path, nil).StatusCode }
	require.Equal(t, http.StatusForbidden, status("/api/admin/users"))

	owner.change(id, object{"roles": []string{"admin"}})
	require.Equal(t, http.StatusOK, status("/api/admin/users"), "what is given holds at once too, without signing in again")
	s, _ := b.token("admin", "ide")
	require.Equal(t, http.StatusOK, s.call("GET", "/api/admin/users", nil).StatusCode)

	open := opened(t, p, b.enter(workspace), workspace, s.token)
	since := time.Now()
	owner.change(id, object{"roles": []string{"user"}})
	for _, r := range everyRoute(t) {
		if strings.HasPrefix(r.path, "/api/admin/") {
			var body any
			if r.hasBody {
				body = bodies[r.method+" "+r.path]
			}
			require.Equal(t, http.StatusForbidden, b.call(r.method, r.withID(id), body).StatusCode, "%s %s, demoted", r.method, r.path)
			require.Equal(t, http.StatusForbidden, s.call(r.method, r.withID(id), body).StatusCode, "%s %s, demoted, by a token", r.method, r.path)
		}
	}
	require.Equal(t, http.StatusOK, status("/api/users/me"), "and nobody is signed out by it")
	open.end("demoted", since)

	open = opened(t, p, b.enter(workspace), workspace, s.token)
	since = time.Now()
	owner.change(id, object{"isActive": false})
	require.Equal(t, http.StatusUnauthorized, status("/api/users/me"), "from the very next request on")
	require.Equal(t, http.StatusForbidden, s.call("GET", "/api/ide/workspaces", nil).StatusCode)
	open.end("suspended", since)
	require.Equal(t, http.StatusUnauthorized, p.browser(t).call("POST", "/api/auth/login", object{"login": "victim06", "password": oldPassword}).StatusCode)

	owner.change(id, object{"isActive": true})
	require.Equal(t, http.StatusUnauthorized, status("/api/users/me"), "sessions do not come back")
	b.must("POST", "/api/auth/login", object{"login": "victim06", "password": oldPassword})
	d := b.enter(workspace)
	open = opened(t, p, d, workspace, s.token)
	old := b.cookie
	since = time.Now()
	b.must("POST", "/api/auth/logout", object{})
	b.cookie = old
	require.Equal(t, http.StatusUnauthorized, status("/api/users/me"), "from the very next request on")
	require.Equal(t, http.StatusUnauthorized, d.status("/"))
	open.end("signed out", since, "stream by a token")

	b.must("POST", "/api/auth/login", object{"login": "victim06", "password": oldPassword})
	d = b.enter(workspace)
	open = opened(t, p, d, workspace, s.token)
	since = time.Now()
	owner.must("DELETE", "/api/admin/users/"+id, nil)
	require.Equal(t, http.StatusUnauthorized, status("/api/users/me"), "from the very next request on")
	require.Equal(t, http.StatusUnauthorized, d.status("/"))
	require.Equal(t, http.StatusUnauthorized, s.call("GET", "/api/ide/workspaces", nil).StatusCode)
	open.end("deleted", since)
	require.Equal(t, http.StatusNotFound, owner.call("GET", "/api/admin/users/"+id, nil).StatusCode)
}

func TestAttack06SigningSomebodyOutByAnAdministrator(t *testing.T) {
	p := attacked(t)
	owner, ada := p.administrator(t), p.browser(t)
	id := ada.register("signedout06")["id"].(string)
	s, _ := ada.token("account")
	owner.must("POST", "/api/admin/users/"+id+"/sessions/revoke", object{})
	require.Equal(t, http.StatusUnauthorized, ada.call("GET", "/api/users/me", nil).StatusCode)
	require.Equal(t, http.StatusOK, s.call("GET", "/api/users/me", nil).StatusCode, "a token is no device")
}

func TestAttack07SuspensionReachesTokensAtOnce(t *testing.T) {
	p := attacked(t)
	owner, ada := p.administrator(t), p.browser(t)
	id := ada.register("ada07")["id"].(string)
	s, _ := ada.token("ai")
	ask := object{"messages": []object{{"role": "user", "content": "Hello."}}}
	require.Equal(t, http.StatusOK, s.call("POST", "/api/ai/chat", ask).StatusCode, "and is in the gateway's cache now")
	owner.change(id, object{"isActive": false})
	for range 3 {
		got := s.call("POST", "/api/ai/chat", ask)
		require.Equal(t, http.StatusForbidden, got.StatusCode, "%s", got.body)
		require.Equal(t, "ACCOUNT_SUSPENDED", got.reason())
	}
	require.Equal(t, http.StatusForbidden, ada.call("POST", "/api/ai/chat", ask, "Cookie", "", "X-Api-Key", s.token).StatusCode)
	owner.change(id, object{"isActive": true})
	require.Equal(t, http.StatusOK, s.call("POST", "/api/ai/chat", ask).StatusCode)
}

func TestAPlanHoldsAtOnce(t *testing.T) {
	p := attacked(t)
	owner, ada := p.administrator(t), p.browser(t)
	id := ada.register("adaplan")["id"].(string)
	s, _ := ada.token("account")
	limit := func() any { return ada.must("GET", "/api/users/me/usage", nil)["aiTokens"].(object)["limit"] }
	require.EqualValues(t, 100000, limit())
	owner.must("PUT", "/api/admin/plans", object{"plans": []object{{"name": "small", "aiTokensMonthly": "5", "workspaces": "1", "ideSecondsMonthly": "60", "storageBytes": "1", "cpuMillis": "1", "memoryBytes": "1"}}})
	owner.change(id, object{"plan": "small"})
	require.EqualValues(t, 5, limit())
	owner.must("PUT", "/api/admin/plans", object{"plans": []object{{"name": "small", "aiTokensMonthly": "7", "workspaces": "1", "ideSecondsMonthly": "60", "storageBytes": "1", "cpuMillis": "1", "memoryBytes": "1"}}})
	require.EqualValues(t, 7, limit())
	require.Contains(t, string(s.call("GET", "/api/users/me/usage", nil).body), `"limit":7`)
}

func TestAttack23ALesserAdministrator(t *testing.T) {
	p := attacked(t)
	owner, lesser := p.administrator(t), p.browser(t)
	id := lesser.register("lesser23")["id"].(string)
	owner.change(id, object{"roles": []string{"admin"}})
	boss := owner.must("GET", "/api/users/me", nil)
	require.Equal(t, []any{"user", "admin", "owner"}, boss["roles"])
	friend := p.browser(t).register("friend23")["id"].(string)
	before := p.facts(t)
	for _, try := range []struct {
		reason, method, path string
		body                 any
	}{
		{"OWNER_REQUIRED", "PATCH", "", object{"roles": []string{"user"}}},
		{"OWNER_REQUIRED", "PATCH", "", object{"isActive": false}},
		{"OWNER_REQUIRED", "PATCH", "", object{"plan": "free"}},
		{"OWNER_REQUIRED", "DELETE", "", nil},
		{"OWNER_REQUIRED", "POST", "/sessions/revoke", object{}},
	} {
		got := lesser.call(try.method, "/api/admin/users/"+boss["id"].(string)+try.path, try.body)
		require.Equal(t, http.StatusForbidden, got.StatusCode, "%s", got.body)
		require.Equal(t, try.reason, got.reason())
	}
	grant := lesser.call("PATCH", "/api/admin/users/"+friend, object{"roles": []string{"user", "owner"}})
	require.Equal(t, http.StatusForbidden, grant.StatusCode, "%s", grant.body)
	require.Equal(t, "OWNER_REQUIRED", grant.reason())
	raise := lesser.call("PATCH", "/api/admin/users/"+id, object{"roles": []string{"admin", "owner"}})
	require.Equal(t, http.StatusForbidden, raise.StatusCode)
	require.Equal(t, "OWN_ROLES", raise.reason())
	last := owner.call("PATCH", "/api/admin/users/"+boss["id"].(string), object{"roles": []string{"user"}})
	require.Equal(t, http.StatusConflict, last.StatusCode)
	require.Equal(t, "LAST_OWNER", last.reason())
	for _, nonsense := range []object{{"password": "a new password for them"}, {"email": "other@example.com"}, {"mustChangePassword": true}} {
		lesser.call("PATCH", "/api/admin/users/"+boss["id"].(string), nonsense) // no route sets another's password
	}
	require.Equal(t, before, p.facts(t))

	entries := owner.must("GET", "/api/admin/audit?eventType=admin.&userId="+id, nil)["entries"].([]any)
	require.Len(t, entries, 10, "each refusal by the rules")
	for _, e := range entries {
		require.Equal(t, "failure", e.(object)["status"])
		require.Equal(t, "lesser23", e.(object)["username"])
		require.NotEmpty(t, e.(object)["ipAddress"])
	}
	raised := entries[3].(object)
	require.Equal(t, "OWN_ROLES", raised["error"])
	require.Equal(t, id, raised["resourceId"])
	require.Equal(t, object{"wanted": object{"roles": []any{"admin", "owner"}}}, raised["metadata"])
	require.Equal(t, raise.object(t)["error"].(object)["requestId"], raised["requestId"], "to be found by what the refused one was shown")

	table := owner.call("GET", "/api/admin/audit?eventType=admin.&userId="+id, nil, "Accept", "text/csv")
	require.Equal(t, http.StatusOK, table.StatusCode)
	require.Contains(t, table.Header.Get("Content-Disposition"), "attachment")
	lines, err := csv.NewReader(strings.NewReader(string(table.body))).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+10)
	require.Equal(t, http.StatusForbidden, p.script(t, owner.allScopesBut("admin")).call("GET", "/api/admin/audit", nil, "Accept", "text/csv").StatusCode)
}

// audit runs the operator's command.
func (p *platform) audit(t *testing.T, flags ...string) (said string, code int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(p.bin, "atrium"), append([]string{"audit", "verify"}, flags...)...)
	command.Env = p.env
	out, err := command.CombinedOutput()
	if err != nil {
		var ended *exec.ExitError
		require.ErrorAs(t, err, &ended)
	}
	return string(out), command.ProcessState.ExitCode()
}

func TestAttack62TheAuditLogTellsOfItsEditing(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		ada.must("POST", "/api/ide/workspaces", object{"name": "mine"})
		ada.must("POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}})
		p.stop() // and everything is chained
		said, code := p.audit(t)
		require.Equal(t, 0, code, said)
		require.Regexp(t, `^OK: \d+ rows, head \d+:[0-9a-f]{64}\n$`, said)
		_, head, _ := strings.Cut(strings.TrimSpace(said), "head ")
		require.Contains(t, p.logs.String(), head, "the log has the head too")
		count := strings.Fields(said)[1]
		require.Equal(t, []string{count}, rows(t, p, `SELECT count(*)::text FROM audit.audit_log`))
		require.NotEmpty(t, rows(t, p, `SELECT 'ai' FROM audit.audit_log WHERE event_type LIKE 'ai.%' UNION ALL SELECT 'ide' FROM audit.audit_log WHERE event_type LIKE 'ide.%'`))

		rows(t, p, `WITH gone AS (DELETE FROM audit.audit_log WHERE id = (SELECT entry_id FROM audit.chain ORDER BY seq DESC LIMIT 1) RETURNING id),
			link AS (DELETE FROM audit.chain WHERE entry_id = (SELECT entry_id FROM audit.chain ORDER BY seq DESC LIMIT 1) RETURNING seq) SELECT 'x' FROM gone, link`)
		said, code = p.audit(t, "--head", head)
		require.Equal(t, 1, code, said)
		require.Contains(t, said, "its tail was cut off")
		rows(t, p, `UPDATE audit.audit_log SET status = 'success', error = '' WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 1) RETURNING event_type`)
		rows(t, p, `UPDATE audit.audit_log SET ip_address = '203.0.113.1' WHERE id = (SELECT entry_id FROM audit.chain WHERE seq = 2) RETURNING event_type`)
		said, code = p.audit(t)
		require.Equal(t, 1, code, said)
		require.Regexp(t, `link [12], chained .*\) was changed`, said)
	})
}
