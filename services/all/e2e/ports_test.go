package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inside starts a shell script as a part of the tenant's sandbox, its control
// group included, and ends it with the test.
func (who tenant) inside(script string) {
	who.t.Helper()
	enter := who.command("/bin/bash", "-c", script)
	pid, _, _ := who.process()
	groups, err := os.ReadFile("/proc/" + pid + "/cgroup")
	require.NoError(who.t, err)
	join := ""
	for line := range strings.Lines(string(groups)) {
		field := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if strings.Contains(field[2], who.workspace) {
			join += fmt.Sprintf("echo $$ > /sys/fs/cgroup/%s%s/cgroup.procs; ", strings.SplitN(field[1], ",", 2)[0], field[2])
		}
	}
	cmd := exec.CommandContext(who.t.Context(), "/bin/bash", append([]string{"-c", join + `exec "$@"`, "inside"}, enter.Args...)...)
	cmd.Env = enter.Env
	require.NoError(who.t, cmd.Start())
	who.t.Cleanup(func() { _ = cmd.Wait() }) // ended with the test's context
}

func TestAPortOfAWorkspaceHasAHostOfItsOwn(t *testing.T) {
	ada, eve := tenants(t)
	port := freePort(t)
	path := fmt.Sprintf("/api/ide/workspaces/%s/ports", ada.workspace)
	opening := fmt.Sprintf("%s/%d/open", path, port)

	early := ada.pass(opening).get("/")
	require.Equal(t, http.StatusServiceUnavailable, early.StatusCode)
	require.Equal(t, "PORT_CLOSED", early.reason())
	require.Contains(t, string(early.body), fmt.Sprint(port))

	ada.inside(fmt.Sprintf(`exec "$(dirname "$(readlink /proc/*/exe 2>/dev/null | grep '/bin/node$' | head -n 1)")/node" -e '
		require("http").createServer((q, s) => { s.setHeader("Set-Cookie", "__Host-atrium_session=stolen; Path=/; Secure"); s.end(JSON.stringify([q.url, q.headers])) }).listen(%d, "127.0.0.1")'`, port))
	eventually(t, "the port is listed", func() error {
		for _, found := range ada.must("GET", path, nil)["ports"].([]any) {
			if int(found.(object)["port"].(float64)) == port {
				require.Equal(t, "node", found.(object)["process"])
				return nil
			}
		}
		return fmt.Errorf("not in %s", ada.call("GET", path, nil).body)
	})
	shown := ada.pass(opening)
	require.Equal(t, strings.Replace(ada.host, ".", fmt.Sprintf("-%d.", port), 1), shown.host)
	got := shown.get("/some/where?x=1", "Authorization", "Bearer x", "X-Atrium-Identity", "x")
	require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
	require.Contains(t, string(got.body), "/some/where?x=1")
	require.Contains(t, string(got.body), fmt.Sprintf(`"host":"localhost:%d"`, port), "servers for development expect their own name")
	for _, secret := range []string{"atrium_", "Bearer", "x-atrium"} {
		require.NotContains(t, string(got.body), secret)
	}
	require.Empty(t, got.Header.Values("Set-Cookie"), "a port can't set the platform's cookies")

	t.Run("Attack28", func(t *testing.T) {
		for name, cookie := range map[string]string{"nobody": "", "the editor's cookie": ada.cookie, "a neighbour": eve.cookie, "the platform's cookie": ada.browser.cookie} {
			stranger := door{browser: ada.p.browser(t), host: shown.host, cookie: cookie}
			require.Equal(t, http.StatusUnauthorized, stranger.status("/"), name)
			require.Equal(t, http.StatusUnauthorized, stranger.status("/", upgrade("http://"+shown.host)...), name)
		}
		require.Equal(t, http.StatusUnauthorized, (&door{browser: ada.p.browser(t), host: ada.host, cookie: shown.cookie}).status("/"), "the port's cookie is not the editor's")
		require.Equal(t, http.StatusNotFound, eve.call("POST", opening, object{}).StatusCode)
		require.Equal(t, http.StatusNotFound, eve.call("GET", path, nil).StatusCode)
	})
	t.Run("Attack27", func(t *testing.T) {
		for _, origin := range []string{"https://evil.example", ada.origin(), eve.origin(), "http://" + ada.p.host(), "null", ""} {
			require.Equal(t, http.StatusForbidden, shown.status("/", upgrade(origin)...), origin)
		}
	})
	t.Run("Attack39", func(t *testing.T) {
		own := freePort(t)
		for _, number := range []int{ada.p.port, own} {
			there := ada.pass(fmt.Sprintf("%s/%d/open", path, number)).get("/")
			require.Equal(t, "PORT_CLOSED", there.reason(), "what isn't the workspace's is not reached: %d", number)
		}
		for _, number := range []string{"0", "22", "1023", "65536", "-1", "x"} {
			require.Equal(t, http.StatusBadRequest, ada.call("POST", path+"/"+number+"/open", object{}).StatusCode, number)
		}
	})
}
