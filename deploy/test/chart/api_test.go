package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unknown are kinds of operators of which no definition is at hand.
var unknown = []string{"PodMonitor", "PrometheusRule"}

// kubectl gives what the API server says, warnings included.
func kubectl(t *testing.T, input string, args ...string) (said string, err error) {
	t.Helper()
	command := exec.Command("kubectl", args...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}

// A real API server takes everything that is rendered, fields it does not know and
// what its admission or a definition's own rules refuse included; and the pods are
// of the restricted profile by its own judgement. Nothing acts on what it takes:
// it is a dry run.
func TestAnAPIServerTakesWhatIsRendered(t *testing.T) {
	if os.Getenv("ATRIUM_K8S_API") == "" {
		t.Skip("SKIPPED: there is no API server; deploy/test/k8s/api.sh brings one")
	}
	var definitions []string
	for _, folder := range []string{module(t, gatewayAPI) + "/config/crd/standard", module(t, certManager) + "/deploy/crds"} {
		found, err := filepath.Glob(folder + "/*.yaml")
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, file := range found {
			definitions = append(definitions, "--filename", file)
		}
	}
	said, err := kubectl(t, "", append([]string{"create"}, definitions...)...)
	require.NoError(t, err, said)
	said, err = kubectl(t, "", "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
	require.NoError(t, err, said)
	for _, namespace := range []string{space, space + "-workspaces"} {
		said, err := kubectl(t, "", "create", "namespace", namespace)
		require.NoError(t, err, said)
		said, err = kubectl(t, "", "label", "namespace", namespace, "pod-security.kubernetes.io/warn=restricted")
		require.NoError(t, err, said)
	}
	dry := func(text string) (string, error) {
		return kubectl(t, text, "create", "--dry-run=server", "--validate=strict", "--filename", "-")
	}
	kinds := map[string]bool{}
	for _, values := range every(t) {
		objects, _ := render(t, values)
		var texts []string
		for _, o := range objects {
			if slices.Contains(unknown, o.Kind) || o.Kind == "Namespace" { // that one is there
				continue
			}
			kinds[o.Kind] = true
			texts = append(texts, o.text)
		}
		said, err := dry(strings.Join(texts, "\n---\n"))
		require.NoError(t, err, values+"\n"+said)
		require.Equal(t, len(texts), strings.Count(said, "(server dry run)"), said)
		require.NotContains(t, said, "Warning", values)
	}
	for _, kind := range []string{"HTTPRoute", "Ingress", "HorizontalPodAutoscaler", "Certificate", "PodDisruptionBudget", "NetworkPolicy", "PriorityClass", "DaemonSet"} {
		require.True(t, kinds[kind], kind)
	}

	_, text := render(t, "default")
	only := func(kind string) string {
		for part := range strings.SplitSeq(text, "\n---\n") {
			if strings.Contains(part, "\nkind: "+kind+"\n") {
				return part
			}
		}
		t.Fatal(kind)
		return ""
	}
	for what, c := range map[string]struct{ text, want string }{
		"a host with a port":        {strings.Replace(only("HTTPRoute"), `"*.ide`, `"ide:80.`, 1), "spec.hostnames"},
		"a time without its unit":   {strings.Replace(only("HTTPRoute"), "request: 0s", "request: 10", 1), "timeouts.request"},
		"a request after the whole": {strings.Replace(only("HTTPRoute"), "{request: 0s, backendRequest: 0s}", "{request: 1s, backendRequest: 2s}", 1), "backendRequest timeout cannot be longer"},
	} {
		said, err := dry(c.text)
		require.Error(t, err, what)
		require.Contains(t, said, c.want, what)
	}
	said, err = dry(strings.Replace(only("Deployment"), "drop: [ALL]", "drop: []", 1))
	require.NoError(t, err, said)
	require.Contains(t, said, "would violate PodSecurity", "the judgement is the server's")
}
