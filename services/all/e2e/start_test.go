package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// own makes a platform of one process with its own, private databases.
func own(t *testing.T) *platform {
	t.Helper()
	return startPlatform(t, "one process", "DATABASE_URL=", "REDIS_URL=")
}

func TestPrivateDatabasesKeepEverythingThroughAKill(t *testing.T) {
	p := own(t)
	ada := p.browser(t)
	ada.register("ada")
	conversation := ada.conversation()
	stream := ada.open("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Tell me a long story."})
	var shown []event
	for len(shown) < 12 {
		e, ok := stream.next()
		require.True(t, ok)
		shown = append(shown, e)
	}
	p.kill("atrium")
	shown = append(shown, stream.rest()...)
	begin := time.Now()
	p.start()
	t.Logf("ready again after %s", time.Since(begin).Round(time.Millisecond))

	eventually(t, "the answer is marked interrupted", func() error {
		messages := ada.must("GET", "/api/chat/conversations/"+conversation+"/messages", nil)["messages"].([]any)
		answer := messages[len(messages)-1].(object)
		if answer["status"] != "interrupted" {
			return fmt.Errorf("status %v", answer["status"])
		}
		require.True(t, strings.HasPrefix(answer["content"].(string), text(shown)))
		return nil
	}, p.logs)
}

// refusal runs the program, which must end by itself, and gives what it said.
func (p *platform) refusal(env ...string) string {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(p.bin, "atrium"))
	cmd.Env = append(append([]string{}, p.env...), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(p.t, cmd.Start())
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	require.Error(p.t, cmd.Wait(), "it must not have started:\n%s", &out)
	return strings.TrimSpace(out.String())
}

func TestWhatCannotStartSaysWhyInOneLine(t *testing.T) {
	p := startPlatform(t, "one process")
	foreign := t.TempDir()
	precious := filepath.Join(foreign, "precious.txt")
	require.NoError(t, os.WriteFile(precious, []byte("mine"), 0o600))
	newer := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(newer, "atrium-format"), []byte("999\n"), 0o600))
	free := "ATRIUM_LISTEN=127.0.0.1:" + fmt.Sprint(freePort(t))

	cases := []struct {
		name string
		env  []string
		says []string
	}{
		{"port taken", nil, []string{"can't listen on", "address already in use"}},
		{
			"metrics port taken",
			[]string{free, fmt.Sprintf("ATRIUM_METRICS_LISTEN=127.0.0.1:%d", p.port)},
			[]string{"ATRIUM_METRICS_LISTEN", "can't serve metrics on", "address already in use"},
		},
		{"directory in use", []string{free}, []string{"ATRIUM_DATA_DIR", "another atrium is running"}},
		{"somebody else's directory", []string{free, "ATRIUM_DATA_DIR=" + foreign}, []string{"ATRIUM_DATA_DIR", "not made by Atrium"}},
		{"a newer format", []string{free, "ATRIUM_DATA_DIR=" + newer}, []string{"ATRIUM_DATA_DIR", `"999"`}},
		{"bad address", []string{"ATRIUM_PUBLIC_URL=nonsense"}, []string{"ATRIUM_PUBLIC_URL"}},
		{"bad database", []string{free, "ATRIUM_DATA_DIR=" + filepath.Join(t.TempDir(), "x"), "DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x"}, []string{"connect"}},
		{"no such file", []string{"ATRIUM_CONFIG=/nowhere.yaml"}, []string{"ATRIUM_CONFIG", "/nowhere.yaml"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			said := p.refusal(tc.env...)
			lines := strings.Split(said, "\n")
			last := lines[len(lines)-1]
			require.True(t, strings.HasPrefix(last, "atrium: "), said)
			for _, part := range tc.says {
				require.Contains(t, last, part)
			}
			require.NotContains(t, said, "hunter2")
			require.NotContains(t, said, "goroutine")
		})
	}
	content, err := os.ReadFile(precious)
	require.NoError(t, err)
	require.Equal(t, "mine", string(content))
	entries, err := os.ReadDir(foreign)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing was added either")
}

func TestItRunsWithoutRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: the whole run is without root already")
	}
	const uid = 1 // daemon: a user without rights that every Debian has
	home := dataDir(t)
	require.NoError(t, os.MkdirAll(home, 0o755))
	require.NoError(t, os.Chown(home, uid, uid))
	require.NoError(t, os.Chmod(binaries(t), 0o755))
	p := &platform{t: t, mode: "one process", port: freePort(t), bin: binaries(t), logs: &logs{}, secrets: &secrets{}, started: map[string]*process{}}
	cmd := exec.Command(filepath.Join(p.bin, "atrium"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	cmd.Dir = home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "ATRIUM_DATA_DIR=" + filepath.Join(home, "data"), "ATRIUM_VSCODE_DIR=" + vscodeDir(),
		fmt.Sprintf("ATRIUM_LISTEN=127.0.0.1:%d", p.port),
		fmt.Sprintf("ATRIUM_PUBLIC_URL=http://atrium.localhost:%d", p.port),
		fmt.Sprintf("ATRIUM_IDE_DOMAIN=ide.atrium.localhost:%d", p.port),
		"ATRIUM_AI_DEMO_WORDS_PER_SECOND=500", "ATRIUM_METRICS_LISTEN=",
	}
	cmd.Stdout, cmd.Stderr = p.logs, p.logs
	require.NoError(t, cmd.Start())
	running := &process{Cmd: cmd, ended: make(chan struct{})}
	go func() { running.err = cmd.Wait(); close(running.ended) }()
	p.started["atrium"] = running
	t.Cleanup(p.stop)
	p.waitReady()

	require.Contains(t, p.logs.String(), "One-time password:")
	ada := p.browser(t)
	ada.register("ada")
	whole := ada.must("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Hello."})
	require.Equal(t, "complete", whole["assistantMessage"].(object)["status"])
	needVSCode(t)
	id := ada.running("project")
	require.Less(t, ada.enter(id).get("/").StatusCode, 400)
}

func TestTheDataPortServesTheGatewayOnly(t *testing.T) {
	p := attacked(t)
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT 01890000-0000-7000-8000-000000000000:0 HTTP/1.1\r\nHost: x:0\r\n\r\n",
		"CONNECT x:0 HTTP/1.1\r\nHost: x:0\r\nProxy-Authorization: Bearer forged\r\n\r\n",
	} {
		conn, err := tls.Dial("tcp", p.setting("ATRIUM_IDE_DATA_ADDR"), p.endpoint(t, "gateway").Client("ide"))
		require.NoError(t, err)
		_, err = conn.Write([]byte(request))
		require.NoError(t, err)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
		answer := make([]byte, 1024)
		n, err := conn.Read(answer)
		require.NoError(t, err)
		require.NotContains(t, string(answer[:n]), " 200 ")
		require.NoError(t, conn.Close())
	}
}
