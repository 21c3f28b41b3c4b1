package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	inline = regexp.MustCompile("`([^`\n]+)`")
	named  = regexp.MustCompile("(?m)(?:^|[ \"`])((?:deploy|tools)/[a-z0-9/-]+\\.sh)\\b")
	// looks are programs that change nothing, with which the runbook looks at things.
	looks = regexp.MustCompile(`^(curl|psql|redis-cli|df|losetup|free) `)
)

// blocks are a text's fenced ones that are commands, or of no language.
func blocks(text string) (all []string) {
	inside, wanted, block := false, false, ""
	for line := range strings.Lines(text) {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && inside && wanted:
			all = append(all, block)
			inside = false
		case fence && inside:
			inside = false
		case fence:
			inside, wanted, block = true, language == "sh" || language == "", ""
		case inside:
			block += line
		}
	}
	return all
}

// guide is a text of docs.
func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(), "docs", name))
	require.NoError(t, err)
	return string(text)
}

// commands are the block of docs/operators.md in which a line begins so.
func commands(t *testing.T, begins string) string {
	t.Helper()
	for _, block := range blocks(guide(t, "operators.md")) {
		if strings.Contains("\n"+block, "\n"+begins) {
			return block
		}
	}
	require.Fail(t, "the guide has no such command", begins)
	return ""
}

// shell runs commands as an operator does, with the platform's programs and the
// settings given.
func (p *platform) shell(t *testing.T, env []string, text string, replace ...string) (string, error) {
	t.Helper()
	command := exec.Command("bash", "-eo", "pipefail", "-c", strings.NewReplacer(replace...).Replace(text))
	command.Dir = t.TempDir()
	command.Env = append(slices.Clone(env), "PATH="+p.bin+":"+os.Getenv("PATH"))
	said, err := command.CombinedOutput()
	return string(said), err
}

func TestScriptsOfTheGuidesCanBeRun(t *testing.T) {
	found := 0
	for _, name := range []string{"operators.md", "runbook.md", "kubernetes.md"} {
		for _, block := range blocks(guide(t, name)) {
			for line := range strings.Lines(block) {
				if named.MatchString(line) {
					said, err := exec.Command("bash", "-n", "-c", line).CombinedOutput()
					require.NoError(t, err, "%s: %s: %s", name, line, said)
				}
			}
		}
		for _, path := range named.FindAllStringSubmatch(guide(t, name), -1) {
			found++
			info, err := os.Stat(filepath.Join(repository(), path[1]))
			require.NoError(t, err, name)
			require.NotZero(t, info.Mode().Perm()&0o100, "%s names %s, which can't be run", name, path[1])
		}
	}
	require.Greater(t, found, 5)
}

// requireRunbook holds the runbook to commands that answer: those that look at
// something, as they stand there.
func (p *platform) requireRunbook(t *testing.T) {
	t.Helper()
	text := guide(t, "runbook.md")
	var all []string
	for _, block := range blocks(text) {
		all = append(all, strings.Split(block, "\n")...)
	}
	_, entries, _ := strings.Cut(text, "\n## ")
	for _, code := range inline.FindAllStringSubmatch(entries, -1) {
		all = append(all, code[1])
	}
	address := "127.0.0.1:"
	replace := []string{
		address + "8080", p.setting("ATRIUM_LISTEN"), address + "9090", p.setting("ATRIUM_METRICS_LISTEN"),
		address + "9091", p.setting("ATRIUM_AUTH_METRICS_LISTEN"), address + "9092", p.setting("ATRIUM_CHAT_METRICS_LISTEN"),
		address + "9094", p.setting("ATRIUM_AI_METRICS_LISTEN"),
		"-h <host>", "-s " + strings.TrimPrefix(p.setting("REDIS_URL"), "unix://"), `status="5`, `status="4`, // there are none of those
	}
	tried := 0
	for _, command := range all {
		if command = strings.TrimSpace(command); !looks.MatchString(command) || strings.Contains(command, "<pid>") || strings.HasSuffix(command, " -u") {
			continue
		}
		tried++
		said, err := p.shell(t, p.env, command, replace...)
		require.NoError(t, err, "%s: %s", command, said)
		require.NotEmpty(t, said, command)
	}
	require.GreaterOrEqual(t, tried, 14)
}
