package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command is one that runs inside the tenant's sandbox, as whatever the
// workspace runs does: same namespaces, same uid, same powers, same environment.
func (who tenant) command(argv ...string) *exec.Cmd {
	who.t.Helper()
	if os.Getuid() != 0 {
		who.t.Skip("SKIPPED: entering a sandbox from outside needs root")
	}
	pid, uid, env := who.process()
	into := append([]string{
		"--target", pid, "--mount", "--pid", "--ipc", "--uts", "--net", "--root", "--wd", "--",
		"setpriv", "--no-new-privs", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--",
	}, argv...)
	cmd := exec.CommandContext(who.t.Context(), "nsenter", into...)
	cmd.Env = env
	return cmd
}

// process finds one of the workspace's, with a uid and a process table of its own.
func (who tenant) process() (pid, uid string, env []string) {
	who.t.Helper()
	own, err := os.Readlink("/proc/self/ns/pid")
	require.NoError(who.t, err)
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(who.t, err)
	for _, dir := range all {
		environ, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || !bytes.Contains(environ, []byte("ATRIUM_WORKSPACE_ID="+who.workspace+"\x00")) {
			continue
		}
		space, _ := os.Readlink(filepath.Join(dir, "ns/pid"))
		status, _ := os.ReadFile(filepath.Join(dir, "status"))
		_, line, _ := strings.Cut(string(status), "\nUid:\t")
		uid, _, _ = strings.Cut(line, "\t")
		if space != "" && space != own && uid != "" && uid != "0" {
			return filepath.Base(dir), uid, strings.Split(strings.TrimRight(string(environ), "\x00"), "\x00")
		}
	}
	who.t.Skip("SKIPPED: workspaces have no namespaces on this machine")
	return "", "", nil
}

// run gives what a shell script prints inside the sandbox.
func (who tenant) run(script string) string {
	who.t.Helper()
	said, err := who.command("/bin/bash", "-c", script+"\ntrue").CombinedOutput()
	require.NoError(who.t, err, "%s", said)
	return string(said)
}

func TestAttack44AWorkspaceFindsNoSecretOfThePlatform(t *testing.T) {
	ada, _ := tenants(t)
	p := ada.p
	said := ada.run(`cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n'; env; ps axeww 2>/dev/null`)
	for _, name := range []string{"ATRIUM_KEY_FILE", "ATRIUM_IDENTITY_KEY"} {
		require.Contains(t, ada.run("cat "+p.setting(name)+" 2>&1"), "No such file", name)
	}
	require.Contains(t, said, "ATRIUM_WORKSPACE_ID="+ada.workspace, "the script did see environments")
	require.Contains(t, said, "\nvscode-server\n", "and arguments")
	secrets := map[string]string{
		"password": canary, "database": p.setting("DATABASE_URL"), "redis": p.setting("REDIS_URL"), "data folder": filepath.Dir(p.setting("ATRIUM_DATA_DIR")),
	}
	for _, name := range []string{"ATRIUM_KEY_FILE", "ATRIUM_IDENTITY_KEY"} {
		text, err := os.ReadFile(p.setting(name))
		require.NoError(t, err)
		secrets[name] = strings.TrimSpace(string(text))
	}
	for name, secret := range secrets {
		require.NotEmpty(t, secret, name)
		require.NotContains(t, said, secret, name)
	}
}

func TestAttack45AWorkspaceSeesNobodyElse(t *testing.T) {
	ada, eve := tenants(t)
	data := ada.p.setting("ATRIUM_DATA_DIR")
	require.NoError(t, os.WriteFile("/tmp/"+canary, nil, 0o666))
	t.Cleanup(func() { _ = os.Remove("/tmp/" + canary) })
	ada.run("echo ada > /home/coder/" + canary + "; echo ada > /tmp/" + canary + "-inside; chmod 666 /home/coder/" + canary)
	victim, _, _ := ada.process()

	said := eve.run(`id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status | tr -d '\t'; echo powers
		ls -A /home /tmp /dev/shm /var/tmp; find / -name '` + canary + `*' -not -path '/proc/*' 2>/dev/null; echo files
		ls ` + data + ` /root 2>&1; echo folders
		cat /proc/[0-9]*/comm; echo processes
		kill -0 ` + victim + ` 2>&1; cat /proc/` + victim + `/environ /proc/` + victim + `/root/etc/hostname 2>&1 | tr '\0' '\n'; echo victim`)
	powers, said, _ := strings.Cut(said, "powers\n")
	require.NotContains(t, powers, "\n0\n")
	require.Contains(t, powers, "CapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\n")
	files, said, _ := strings.Cut(said, "files\n")
	require.NotContains(t, files, canary, "neither another's home nor a shared /tmp")
	folders, said, _ := strings.Cut(said, "folders\n")
	require.Equal(t, 2, strings.Count(folders, "ls: cannot"), folders)
	processes, said, _ := strings.Cut(said, "processes\n")
	for _, name := range []string{"gatewayd", "authd", "ided", "postgres", "redis-server"} {
		require.NotContains(t, processes, name)
	}
	require.NotContains(t, said, ada.workspace, "another's process can't be looked into")

	// Should a mount ever show Ada's folders, the uid still keeps Eve out.
	_, uid, _ := eve.process()
	folder, err := filepath.Glob(filepath.Join(data, "*", ada.user))
	require.NoError(t, err)
	deeper, err := filepath.Glob(filepath.Join(data, "*", "*", ada.user))
	require.NoError(t, err)
	folder = append(folder, deeper...)
	require.NotEmpty(t, folder)
	for _, dir := range folder {
		looked, err := exec.CommandContext(t.Context(), "setpriv", "--reuid="+uid, "--regid="+uid, "--clear-groups", "--", "ls", dir).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(looked), "Permission denied")
	}
	look, err := exec.CommandContext(t.Context(), "setpriv", "--reuid="+uid, "--regid="+uid, "--clear-groups", "--", "cat", fmt.Sprintf("/proc/%s/environ", victim)).CombinedOutput()
	require.Error(t, err, "%s", look)
}

// echo takes the place of the editor on its own socket, as anything that runs
// in the workspace can, and answers with what it is sent. It also tries to set
// cookies beyond its host.
const echo = `const fs = require("fs"), http = require("http"), dir = "/run/atrium/"
const name = dir + fs.readdirSync(dir).find(n => fs.statSync(dir + n).isSocket())
fs.unlinkSync(name)
const say = q => JSON.stringify([q.method, q.url, ...q.rawHeaders])
const server = http.createServer((q, r) => {
	r.setHeader("Set-Cookie", ["__Host-atrium_session=planted; Path=/; Secure", "__Host-atrium_workspace=planted; Path=/; Secure",
		"wide=1; Path=/; Domain=" + process.argv[1], "own=1; Path=/"])
	r.end(say(q))
})
server.on("upgrade", (q, s) => s.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Seen: " + encodeURIComponent(say(q)) + "\r\n\r\n"))
server.listen(name, () => { fs.chmodSync(name, 0o660); console.log("listening") })`

func TestAttack30TheWorkspaceIsToldNoCredential(t *testing.T) {
	needVSCode(t)
	p := attacked(t)
	ada := p.tenant("ada30")
	b := *ada.browser
	b.t = t
	ada.door = &door{browser: &b, host: ada.host, cookie: ada.cookie}

	server := ada.command("/opt/vscode/node/bin/node", "-e", echo, "atrium.localhost")
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	line := make([]byte, len("listening"))
	_, err = out.Read(line)
	require.NoError(t, err)
	require.Equal(t, "listening", string(line))

	secrets := []string{
		strings.SplitN(ada.browser.cookie, "=", 2)[1], strings.SplitN(ada.cookie, "=", 2)[1],
		"api-token", "forged", "6.6.6.6", "__Host-atrium_",
	}
	headers := []string{
		"Cookie", ada.cookie + "; " + ada.browser.cookie + "; theme=dark", "Authorization", "Bearer api-token", "X-Api-Key", "api-token",
		"X-Atrium-Identity", "forged", "X_Atrium_Identity", "forged", "X-Atrium_Ticket", "forged", "X-Forwarded-For", "6.6.6.6", "Forwarded", "for=6.6.6.6",
	}
	seen := ada.get("/page", headers...)
	require.Contains(t, string(seen.body), "theme=dark", "what is the workspace's own arrives: %s", seen.Status)
	for _, secret := range secrets {
		require.NotContains(t, string(seen.body), secret)
	}
	for _, cookie := range seen.Cookies() {
		require.NotContains(t, cookie.Name, "__Host-atrium_")
		require.Empty(t, cookie.Domain, cookie.Name)
	}
	require.Len(t, seen.Cookies(), 2)

	r := ada.request("GET", "/socket", nil, append(headers, upgrade(ada.origin())...)...)
	r.Host = ada.host
	response, err := client.Do(r)
	require.NoError(t, err)
	_ = response.Body.Close()
	require.Equal(t, 101, response.StatusCode)
	require.Contains(t, response.Header.Get("X-Seen"), "theme")
	for _, secret := range secrets {
		require.NotContains(t, response.Header.Get("X-Seen"), secret)
	}
}
