package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheOfficialNPMSDKsWork runs the providers' own TypeScript SDKs, as they
// come, over every model behind either wire format; see the folder sdk.
func TestTheOfficialNPMSDKsWork(t *testing.T) {
	install := exec.Command("bash", "tools/npm-ci.sh", "services/all/e2e/sdk")
	install.Dir = repository()
	said, err := install.CombinedOutput()
	require.NoError(t, err, "%s", said)
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			w := startWires(t, mode)
			w.far.Answer(lookTool)
			narrow, _ := w.user.token("chat")
			poor, _ := onPlan(t, w.platform, "poor", 5, 1).token("ai")

			node := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "anthropic.test.mjs", "openai.test.mjs")
			node.Dir = filepath.Join(repository(), "services", "all", "e2e", "sdk")
			node.Env = append(os.Environ(), "ATRIUM_URL=http://"+w.host(), "ATRIUM_MODELS="+strings.Join(models, ","),
				"ATRIUM_TOKEN="+w.token, "ATRIUM_CHAT_TOKEN="+narrow.token, "ATRIUM_POOR_TOKEN="+poor.token)
			said, err := node.CombinedOutput()
			require.NoError(t, err, "%s", said)
			w.requireSettled(t)
			left := 0
			for _, call := range w.far.Calls() {
				if strings.Contains(string(call.Body), "abort") {
					<-call.Done()
					require.True(t, call.ClientLeft())
					left++
				}
			}
			require.Equal(t, 8, left, "who leaves is waited for by nobody: two SDKs, two models, two ways")
		})
	}
}
