package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// needVSCode skips a test where VS Code is not installed, and fails it where
// it has to be.
func needVSCode(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(vscodeDir()); err != nil {
		if strings.Contains(os.Getenv("ATRIUM_REQUIRE_DRIVERS"), "directory") {
			t.Fatalf("VS Code is not installed: %v", err)
		}
		t.Skipf("SKIPPED, VS Code is not installed: %v", err)
	}
}

// running creates and starts a workspace, and deletes it with the test.
func (b *browser) running(name string) string {
	b.t.Helper()
	id := b.must("POST", "/api/ide/workspaces", object{"name": name})["id"].(string)
	b.t.Cleanup(func() { b.delete(id) })
	require.Equal(b.t, "starting", b.must("POST", "/api/ide/workspaces/"+id+"/start", object{})["status"])
	b.waitStatus(id, "running")
	return id
}

// delete stops a workspace, so that nothing of it outlives the test, and
// deletes it. It runs when the test's own context has ended.
func (b *browser) delete(id string) {
	path := "/api/ide/workspaces/" + id
	b.after("POST", path+"/stop")
	eventually(b.t, "the workspace has stopped", func() error {
		if status := b.after("GET", path)["status"]; status == "running" || status == "stopping" {
			return fmt.Errorf("%v", status)
		}
		return nil
	}, b.p.logs)
	b.after("DELETE", path)
}

// after is call for the clean-up; it gives what there is.
func (b *browser) after(method, path string) object {
	var body io.Reader
	if method == "POST" {
		body = strings.NewReader("{}")
	}
	response, err := client.Do(b.request(method, path, body).WithContext(context.Background()))
	if err != nil {
		b.t.Errorf("clean up: %v", err)
		return nil
	}
	defer response.Body.Close()
	var got object
	_ = json.NewDecoder(response.Body).Decode(&got) // an error has no status, which is an answer too
	return got
}

func (b *browser) waitStatus(id, status string) {
	b.t.Helper()
	eventually(b.t, "workspace is "+status, func() error {
		w := b.must("GET", "/api/ide/workspaces/"+id, nil)
		if w["status"] == "error" && status != "error" {
			b.t.Fatalf("workspace failed: %v\n%s", w["statusReason"], b.p.logs)
		}
		if w["status"] != status {
			return fmt.Errorf("%v: %v", w["status"], w["statusReason"])
		}
		return nil
	}, b.p.logs)
}

// door is a browser on a workspace's own host.
type door struct {
	*browser
	host, cookie string
	// entry is the answer to the ticket.
	entry answer
}

// enter opens a workspace as the platform's page does.
func (b *browser) enter(id string) *door {
	b.t.Helper()
	return b.pass("/api/ide/workspaces/" + id + "/open")
}

// pass asks for a ticket and hands it over.
func (b *browser) pass(path string) *door {
	b.t.Helper()
	opened := b.must("POST", path, object{})
	target, err := url.Parse(opened["url"].(string))
	require.NoError(b.t, err)
	d := &door{browser: b, host: target.Host}
	r := b.request("POST", target.Path, strings.NewReader(url.Values{"ticket": {opened["ticket"].(string)}}.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", "http://"+b.p.host(), "Cookie", "")
	r.Host = d.host
	response, err := client.Do(r)
	require.NoError(b.t, err)
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	require.Equal(b.t, http.StatusSeeOther, response.StatusCode, "%s", body)
	require.Len(b.t, response.Cookies(), 1)
	d.entry = answer{response, body}
	d.cookie = response.Cookies()[0].Name + "=" + response.Cookies()[0].Value
	return d
}

func (d *door) get(path string, headers ...string) answer {
	d.t.Helper()
	r := d.request("GET", path, nil, append([]string{"Cookie", d.cookie}, headers...)...)
	r.Host = d.host
	return d.do(r)
}

func TestAWorkspaceServesVSCodeToItsOwnerOnly(t *testing.T) {
	needVSCode(t)
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		id := ada.running("project")
		d := ada.enter(id)

		page := d.get("/")
		if page.StatusCode == http.StatusFound { // VS Code adds the folder
			target, err := url.Parse("/")
			require.NoError(t, err)
			target, err = target.Parse(page.Header.Get("Location"))
			require.NoError(t, err)
			page = d.get(target.RequestURI())
		}
		require.Equal(t, http.StatusOK, page.StatusCode, "%s", page.body)
		require.Contains(t, string(page.body), "workbench")
		require.Equal(t, http.StatusUnauthorized, d.get("/", "Cookie", "").StatusCode, "without the cookie")
		require.Equal(t, http.StatusUnauthorized, d.get("/", "Cookie", ada.cookie).StatusCode, "with the platform's cookie")
		require.Equal(t, http.StatusForbidden,
			d.get("/", "Upgrade", "websocket", "Connection", "Upgrade", "Origin", "http://"+p.host()).StatusCode)

		ada.must("POST", "/api/ide/workspaces/"+id+"/stop", object{})
		ada.waitStatus(id, "stopped")
		require.Contains(t, []int{http.StatusServiceUnavailable, http.StatusConflict}, d.get("/").StatusCode)

		var steps []string
		for _, e := range ada.must("GET", "/api/ide/workspaces/"+id+"/events", nil)["events"].([]any) {
			steps = append(steps, e.(object)["step"].(string))
		}
		require.Subset(t, steps, []string{"editor", "ready", "stopped"})

		ada.must("POST", "/api/auth/logout", object{})
		require.Equal(t, http.StatusUnauthorized, d.get("/").StatusCode, "the workspace's cookie ends with the session")
	})
}

func TestAWorkspaceOutlivesItsPlatform(t *testing.T) {
	needVSCode(t)
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		id := ada.running("project")
		before := ada.enter(id)
		require.Less(t, before.get("/").StatusCode, 400)
		victim := map[string]string{"one process": "atrium", "services": "ided"}[p.mode]
		p.kill(victim)
		p.start()
		ada.waitStatus(id, "running")
		require.Less(t, before.get("/").StatusCode, 400, "the same cookie, the same VS Code")
	})
}

func TestTheEditorsAI(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_AI_DEMO_WORDS_PER_SECOND=500")
	ada := p.browser(t)
	ada.register("ada")
	const code = "func add(a, b int) int {\n\treturn \n}\n"
	for _, cursor := range []any{33, object{"line": 1, "character": 8}} {
		complete := ada.must("POST", "/api/ide/ai/complete", object{"code": code, "cursor": cursor, "language": "go"})
		require.Contains(t, complete, "completion")
		require.NotEmpty(t, complete["requestId"])
	}
	for _, cursor := range []any{-1, 1 << 20, "x", object{"line": 99, "character": 0}, nil} {
		refused := ada.call("POST", "/api/ide/ai/complete", object{"code": code, "cursor": cursor, "language": "go"})
		require.Equal(t, http.StatusBadRequest, refused.StatusCode, "%v: %s", cursor, refused.body)
	}
	require.NotEmpty(t, ada.must("POST", "/api/ide/ai/explain", object{"code": code, "language": "go"})["explanation"])
	events := ada.open("POST", "/api/ide/ai/explain", object{"code": code, "language": "go"}).rest()
	require.NotEmpty(t, text(events))
	require.Equal(t, "done", events[len(events)-1].name)
	suggestion := ada.must("POST", "/api/ide/ai/debug", object{"error": "missing return", "code": code})["suggestion"].(object)
	for _, field := range []string{"cause", "explanation", "fixedCode", "confidence"} {
		require.Contains(t, suggestion, field)
	}
	require.NotEmpty(t, ada.must("POST", "/api/ide/ai/refactor", object{"code": code, "instruction": "rename add to sum"})["code"])
	whole := ada.must("POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}})
	require.NotEmpty(t, whole["content"])
	require.NotEmpty(t, text(ada.open("POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}}).rest()))

	usage := ada.must("GET", "/api/ai/usage?groupBy=model", nil)["groups"].([]any)
	require.NotEmpty(t, usage)
	require.NotZero(t, ada.must("GET", "/api/users/me/usage", nil)["aiTokens"].(object)["used"])
}
