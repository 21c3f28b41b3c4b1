package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve is a program of the workspace: it answers, and answers without end.
const serve = `exec "$(dirname "$(readlink /proc/*/exe 2>/dev/null | grep '/bin/node$' | head -n 1)")/node" -e '
	require("http").createServer((q, s) => { if (q.url === "/endless") { setInterval(() => s.write("x"), 100) } else s.end(JSON.stringify(q.headers)) }).listen(%d, "127.0.0.1")'`

func TestAPortIsSharedWithSignedInUsersAndTakenBack(t *testing.T) {
	ada, eve := tenants(t)
	port := freePort(t)
	at := fmt.Sprintf("/api/ide/workspaces/%s/ports/%d", ada.workspace, port)
	ada.inside(fmt.Sprintf(serve, port))
	eventually(t, "the program listens", func() error {
		if got := ada.pass(at + "/open").get("/"); got.StatusCode != http.StatusOK {
			return fmt.Errorf("%s", got.body)
		}
		return nil
	}, ada.p.logs)

	refused := func(what string) {
		t.Helper()
		got := eve.call("POST", at+"/open", object{})
		require.Equal(t, http.StatusNotFound, got.StatusCode, "%s: %s", what, got.body)
		require.Equal(t, "WORKSPACE_NOT_FOUND", got.reason(), what)
	}
	refused("private at first")
	require.Equal(t, http.StatusNotFound, eve.call("PUT", at, object{"visibility": "users"}).StatusCode, "others don't share it")
	for _, wrong := range []any{object{"visibility": "public"}, object{}} {
		require.Equal(t, http.StatusBadRequest, ada.call("PUT", at, wrong).StatusCode)
	}
	shared := ada.must("PUT", at, object{"visibility": "users"})
	require.Equal(t, "users", shared["visibility"])
	require.Equal(t, true, shared["listening"])
	require.Equal(t, http.StatusUnauthorized, ada.p.browser(t).call("POST", at+"/open", object{}).StatusCode, "nobody without an account")

	visitor := eve.pass(at + "/open")
	require.Equal(t, shared["url"], "http://"+visitor.host+"/")
	got := visitor.get("/")
	require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
	require.NotContains(t, string(got.body), "__Host-", "nor does the program see a cookie of the platform")
	require.Equal(t, http.StatusNotFound, eve.call("POST", "/api/ide/workspaces/"+ada.workspace+"/open", object{}).StatusCode, "the editor is not shared")
	require.Equal(t, http.StatusNotFound, eve.call("POST", fmt.Sprintf("/api/ide/workspaces/%s/ports/%d/open", ada.workspace, port+1), object{}).StatusCode, "nor is another port")
	require.Equal(t, http.StatusNotFound, eve.call("GET", "/api/ide/workspaces/"+ada.workspace, nil).StatusCode, "nor the workspace")
	_, response, err := eve.dialTerminal(t.Context(), ada.workspace, "")
	require.Error(t, err)
	require.Equal(t, http.StatusNotFound, response.StatusCode, "nor its terminals")
	other := eve.request("GET", "/", nil, "Cookie", visitor.cookie)
	other.Host = ada.host
	require.Equal(t, http.StatusUnauthorized, eve.do(other).StatusCode, "the cookie opens no other host of the workspace")

	// What is open as it is taken back ends, and nothing else is opened.
	open := visitor.request("GET", "/endless", nil, "Cookie", visitor.cookie)
	open.Host = visitor.host
	endless, err := client.Do(open)
	require.NoError(t, err)
	defer endless.Body.Close()
	_, err = io.ReadFull(endless.Body, make([]byte, 2))
	require.NoError(t, err)
	pending := eve.must("POST", at+"/open", object{})
	require.Equal(t, "private", ada.must("PUT", at, object{"visibility": "private"})["visibility"])
	began := time.Now()
	require.Equal(t, http.StatusUnauthorized, visitor.get("/").StatusCode)
	require.Less(t, time.Since(began), time.Second)
	refused("taken back")
	late := eve.request("POST", "/_atrium/enter", strings.NewReader("ticket="+pending["ticket"].(string)), "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://"+eve.p.host(), "Cookie", "")
	late.Host = visitor.host
	require.NotEqual(t, http.StatusSeeOther, eve.do(late).StatusCode, "a ticket from before")
	_, err = io.Copy(io.Discard, endless.Body)
	require.Error(t, err, "it was cut off")
	require.Less(t, time.Since(began), 5*time.Second)

	require.Equal(t, []string{"visit_port", "unshare_port", "share_port"}, rows(t, ada.p, fmt.Sprintf(`SELECT DISTINCT ON (action) action FROM audit.audit_log
		WHERE resource_id = '%s' AND event_type IN ('workspace.share_port', 'workspace.visit_port', 'workspace.unshare_port') ORDER BY action DESC`, ada.workspace)))
}
