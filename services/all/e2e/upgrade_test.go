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

// upgradeFrom names the version before this one in a checkout: the commit or tag
// in ATRIUM_UPGRADE_FROM, else the newest tag of a version below this commit, else
// what deploy/upgrade-from says.
func upgradeFrom(checkout string) (string, error) {
	if named := os.Getenv("ATRIUM_UPGRADE_FROM"); named != "" {
		return named, nil
	}
	tag, err := exec.Command("git", "-C", checkout, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD^").Output()
	if err == nil { // fails where there is none, or no history
		return strings.TrimSpace(string(tag)), nil
	}
	text, err := os.ReadFile(filepath.Join(checkout, "deploy", "upgrade-from"))
	return strings.TrimSpace(string(text)), err
}

// missing says why a checkout can't give a version, such as one without history;
// empty is that it can.
func missing(checkout, commit string) string {
	out, err := exec.Command("git", "-C", checkout, "cat-file", "-e", commit+"^{commit}").CombinedOutput()
	if err == nil {
		return ""
	}
	return fmt.Sprintf("NOT PROVEN: the upgrade from %s, which this checkout does not have (fetch its whole history and tags): %v: %s", commit, err, out)
}

// previous builds the programs of the version before this one.
func previous(t *testing.T) (bin, commit string) {
	t.Helper()
	commit, err := upgradeFrom(repository())
	require.NoError(t, err)
	if notProven = missing(repository(), commit); notProven != "" {
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

// The version before this one is found in a whole checkout, and missed in one
// without history.
func TestTheVersionBeforeIsFoundOrMissed(t *testing.T) {
	t.Setenv("ATRIUM_UPGRADE_FROM", "")
	dir := t.TempDir()
	whole, shallow := filepath.Join(dir, "whole"), filepath.Join(dir, "shallow")
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return strings.TrimSpace(string(out))
	}
	found := func(checkout string) (commit, fault string) {
		commit, err := upgradeFrom(checkout)
		require.NoError(t, err)
		return commit, missing(checkout, commit)
	}
	git("init", "--quiet", whole)
	require.NoError(t, os.Mkdir(filepath.Join(whole, "deploy"), 0o755))
	git("-C", whole, "commit", "--quiet", "--allow-empty", "--message", "first")
	first := git("-C", whole, "rev-parse", "HEAD")
	require.NoError(t, os.WriteFile(filepath.Join(whole, "deploy", "upgrade-from"), []byte(first+"\n"), 0o600))
	git("-C", whole, "add", "--all")
	git("-C", whole, "commit", "--quiet", "--message", "second")
	commit, fault := found(whole)
	require.Equal(t, first, commit, "what the file names, while there is no tag")
	require.Empty(t, fault)

	git("clone", "--quiet", "--depth", "1", "file://"+whole, shallow)
	commit, fault = found(shallow)
	require.Equal(t, first, commit)
	require.Contains(t, fault, "NOT PROVEN")
	require.Contains(t, fault, first)

	git("-C", whole, "tag", "v1.0.0")
	commit, _ = found(whole)
	require.Equal(t, first, commit, "a tag of this very commit is not of the one before")
	git("-C", whole, "tag", "other")
	git("-C", whole, "commit", "--quiet", "--allow-empty", "--message", "third")
	commit, fault = found(whole)
	require.Equal(t, "v1.0.0", commit)
	require.Empty(t, fault)
}

// Every program is replaced by this version's, services first and gateways
// last, while people write and a terminal is open.
func TestAnUpgradeWhileEverybodyWorks(t *testing.T) {
	old, commit := previous(t)
	far := fakeai.New(t)
	f := newFleet(t, 1, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL())
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
