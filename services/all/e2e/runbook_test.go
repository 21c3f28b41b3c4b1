package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever is woken by an alert finds what to do.
func TestEveryAlertHasItsEntryInTheRunbook(t *testing.T) {
	alerts, err := os.ReadFile(filepath.Join(repository(), "deploy", "prometheus", "alerts.yml"))
	require.NoError(t, err)
	runbook, err := os.ReadFile(filepath.Join(repository(), "docs", "runbook.md"))
	require.NoError(t, err)
	names := regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(string(alerts), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.Contains(t, string(runbook), "\n## "+name[1]+"\n")
		require.Contains(t, string(alerts), "runbook_url: docs/runbook.md#"+strings.ToLower(name[1])+"\n")
	}
}
