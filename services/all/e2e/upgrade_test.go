package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// notProven is what a skipped test leaves open; the run's last line says so.
var notProven string

// previous builds the programs of the version that deploy/upgrade-from names, or
// of the commit or tag in ATRIUM_UPGRADE_FROM.
func previous(t *testing.T) (bin, commit string) {
	t.Helper()
	commit = os.Getenv("ATRIUM_UPGRADE_FROM")
	if commit == "" {
		text, err := os.ReadFile(filepath.Join(repository(), "deploy", "upgrade-from"))
		require.NoError(t, err)
		commit = strings.TrimSpace(string(text))
	}
	if out, err := exec.Command("git", "-C", repository(), "cat-file", "-e", commit+"^{commit}").CombinedOutput(); err != nil {
		notProven = fmt.Sprintf("NOT PROVEN: the upgrade from %s, which this checkout does not have (fetch its whole history): %s", commit, out)
		t.Skip(notProven)
	}
	source := filepath.Join(t.TempDir(), "source")
	require.NoError(t, os.Mkdir(source, 0o755))
	sh := func(script string) {
		cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
		cmd.Env = append(os.Environ(), "SOURCE="+source, "COMMIT="+commit, "REPOSITORY="+repository())
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	sh(`git -C "$REPOSITORY" archive "$COMMIT" | tar -x -C "$SOURCE"
		cd "$SOURCE"; mkdir bin
		go build -buildvcs=false -o bin/ ./gateway/cmd/gatewayd ./services/auth/cmd/authd ./services/chat/cmd/chatd ./services/ide/cmd/ided ./services/ai/cmd/aid
		CGO_ENABLED=0 go build -buildvcs=false -o bin/ ./services/ide/cmd/workspace-keeper`)
	// Users' own processes run the keeper.
	for _, dir := range []string{filepath.Dir(filepath.Dir(source)), filepath.Dir(source)} {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	return filepath.Join(source, "bin"), commit
}

// Every program is replaced by this version's, services first and gateways
// last, while people write and a terminal is open.
func TestAnUpgradeWhileEverybodyWorks(t *testing.T) {
	old, commit := previous(t)
	far := fakeai.New(t)
	f := startFleet(t, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
	newer := f.bin
	f.bin = old
	f.up()
	ada := f.browser(t)
	ada.register("ada")
	workspace := ada.running("upgraded")
	pid := ada.terminal(t, workspace, "main").pid()
	working := f.writers(t, 2, 3*time.Minute)

	f.bin = newer
	slices.SortStableFunc(f.replicas, func(a, b replica) int { return gatewayLast(a) - gatewayLast(b) })
	for _, r := range f.replicas {
		time.Sleep(200 * time.Millisecond) // work to fall into
		f.restart(r)
		require.Equal(t, newer, filepath.Dir(f.started[r.name].Path))
	}
	working.end()
	again := ada.terminal(t, workspace, "main")
	require.True(t, again.resumed)
	require.Equal(t, pid, again.pid(), "the shell lives")
	questions, incomplete, retries := working.requireNothingLost(t)
	require.Positive(t, questions)
	require.Zero(t, incomplete)
	requireOneChargeEach(t, f.platform, far)
	t.Logf("%d programs of %.12s replaced; %d questions acknowledged and answered, requests made again: %q", len(f.replicas), commit, questions, retries)
}

func gatewayLast(r replica) int {
	if r.program == "gatewayd" {
		return 1
	}
	return 0
}
