package workspace

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOnlyPublicAddressesAreCloned(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/a/b.git": "", "  https://example.com:8443/a ": "",
		"":                                   "https://",
		"http://example.com/a":               "https://",
		"ssh://git@example.com/a":            "https://",
		"git@example.com:a/b":                "URL",
		"file:///etc/passwd":                 "https://",
		"ext::sh -c id":                      "https://",
		"--upload-pack=id":                   "https://",
		"https://":                           "server",
		"https://:443/a":                     "server",
		"https://example.com":                "repository",
		"https://ada:secret@example.com/a":   "password",
		"https://token@example.com/a":        "password",
		"https://example.com/a?token=secret": "after",
		"https://example.com/a#x":            "after",
		"https://example.com/a?":             "after",
		"https://example.com/a b":            "spaces",
		"https://example.com/a\nb":           "URL",
		"https://example.com/" + strings.Repeat("a", 2000): "long",
	} {
		_, err := gitAddress(text)
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "secret")
	}
}

// clone runs what a workspace runs, with the machine's own git.
func clone(t *testing.T, dir, address string, env ...string) (*gitOutput, int) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git is not installed")
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", cloning, "clone", address)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_TERMINAL_PROMPT=0", "GIT_SSL_NO_VERIFY=1"}, env...)
	said := &gitOutput{tell: func(string) {}, now: time.Now}
	text, _ := cmd.CombinedOutput() // its exit code is looked at
	said.print(text)
	return said, cmd.ProcessState.ExitCode()
}

func TestACloneComesWholeAlsoAfterOneThatWasCutOff(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "one"},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(from, "main.txt"), []byte("text"), 0o644))
		require.NoError(t, os.MkdirAll(filepath.Join(from, ".hidden"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(from, ".hidden/file"), []byte("text"), 0o644))
		if args[0] != "init" {
			out, err := exec.Command("git", "-C", from, "add", "-A").CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
		out, err := exec.Command("git", append([]string{"-C", from}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.NoError(t, os.MkdirAll(filepath.Join(to, ".atrium-clone/half"), 0o755), "what an earlier try left")
	for range 2 {
		said, exit := clone(t, to, "file://"+from, "GIT_ALLOW_PROTOCOL=file")
		require.Zero(t, exit, "%q", said.last)
		entries, err := os.ReadDir(to)
		require.NoError(t, err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		require.Equal(t, []string{".git", ".hidden", "main.txt"}, names)
		out, err := exec.Command("git", "-C", to, "status", "--porcelain").CombinedOutput()
		require.NoError(t, err)
		require.Empty(t, string(out))
	}
}

func TestAFailedCloneSaysWhy(t *testing.T) {
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, refusing.Close())
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/private") {
			w.Header().Set("WWW-Authenticate", "Basic realm=x")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer proxy.Close()
	for what, c := range map[string]struct {
		address, says string
		env           []string
	}{
		"not found":        {server.URL + "/none", "no repository at this address", nil},
		"needs a sign-in":  {server.URL + "/private", "needs a sign-in", nil},
		"refused":          {"https://" + refusing.Addr().String() + "/a", "can't be reached", nil},
		"no such host":     {"https://no-such-host.invalid/a", "can't be reached", nil},
		"the proxy's no":   {server.URL + "/none", "can't be reached", []string{"https_proxy=" + proxy.URL}},
		"another protocol": {"http://127.0.0.1/a", "git said", []string{"GIT_ALLOW_PROTOCOL=https"}},
		"no git":           {server.URL + "/none", "no git in this workspace's image", []string{"PATH=/nonexistent"}},
	} {
		t.Run(what, func(t *testing.T) {
			said, exit := clone(t, t.TempDir(), c.address, c.env...)
			require.NotZero(t, exit)
			require.Contains(t, said.reason(exit).Words, c.says, "%q", said.last)
		})
	}
}

func TestProgressIsToldNowAndThen(t *testing.T) {
	var told []string
	at := time.Unix(0, 0)
	g := &gitOutput{tell: func(p string) { told = append(told, p) }, now: func() time.Time { at = at.Add(time.Second); return at }}
	g.told = at
	g.print([]byte("Cloning into '.atrium-clone'...\nremote: Counting objects:   7% (1/13)\rReceiving objects:  10% (1/10)\rReceiving"))
	g.print([]byte(" objects:  60% (6/10), 1.00 MiB | 2 MiB/s\rResolving deltas: 100% (2/2), done.\n"))
	require.Equal(t, []string{"receiving objects 10 %", "resolving deltas 100 %"}, told)
	require.Equal(t, []string{"Cloning into '.atrium-clone'..."}, g.last)
}
