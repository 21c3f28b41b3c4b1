package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// atrium runs a command of the platform's program beside what runs.
func (p *platform) atrium(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(filepath.Join(p.bin, "atrium"), args...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheDeploymentKeyIsRotatedWhileEverythingRuns(t *testing.T) {
	p := startPlatform(t, "services", "ANTHROPIC_API_KEY=", "OPENAI_API_KEY=")
	ada := p.browser(t)
	ada.register("ada")
	before := ada.tell("This was before.")
	file := p.setting("ATRIUM_KEY_FILE")
	old, err := os.ReadFile(file)
	require.NoError(t, err)

	said, err := p.atrium(t, "keys", "rotate")
	require.NoError(t, err, said)
	require.Contains(t, said, "Every data key is wrapped with")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	two, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(two), string(old)), "the old line stays below")
	ben := p.browser(t)
	ben.register("ben") // who gets a first key now, of services that were not restarted
	during := ben.tell("This was meanwhile.")
	status, err := p.atrium(t, "keys", "status")
	require.NoError(t, err, status)
	for line := range strings.Lines(status) {
		if strings.HasSuffix(strings.TrimSpace(line), "keys") {
			require.Contains(t, line, "(current)", status)
		}
	}
	require.Contains(t, status, "chat")

	// The old line goes, and everything starts with the new one alone.
	first, _, _ := strings.Cut(string(two), "\n")
	require.NoError(t, os.WriteFile(file, []byte(first+"\n"), 0o600))
	p.stop()
	p.start()
	require.Contains(t, string(ada.call("GET", before, nil).body), "This was before.")
	require.Contains(t, string(ben.call("GET", during, nil).body), "This was meanwhile.")
	said, err = p.atrium(t, "audit", "verify")
	require.NoError(t, err, said)
	require.Contains(t, said, "OK")
}

func TestAWrongKeyFileStopsTheStartAndLosesNothing(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	path := ada.tell("Keep this.")
	file := p.setting("ATRIUM_KEY_FILE")
	right, err := os.ReadFile(file)
	require.NoError(t, err)
	p.stop()

	for what, break_ := range map[string]func() error{
		"lost":  func() error { return os.Remove(file) },
		"wrong": func() error { return os.WriteFile(file, []byte(strings.Repeat("ab", 32)+"\n"), 0o600) },
	} {
		require.NoError(t, break_())
		said, err := p.atrium(t)
		require.Error(t, err, what)
		lines := strings.Split(strings.TrimSpace(said), "\n")
		require.Contains(t, lines[len(lines)-1], "ATRIUM_KEY_FILE", "%s: %s", what, said)
	}
	require.NoError(t, os.WriteFile(file, right, 0o600))
	p.start()
	require.Contains(t, string(ada.call("GET", path, nil).body), "Keep this.")
}
