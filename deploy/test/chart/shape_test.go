package chart

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHelmHasNothingToSay(t *testing.T) {
	t.Parallel()
	for _, values := range every(t) {
		out, complaint, err := helm(t, "lint", "--strict", dir, "--values", dir+"/ci/"+values+".yaml")
		require.NoError(t, err, values+"\n"+out+complaint)
	}
}

// Every object has the shape that Kubernetes takes, and no field more.
func TestKubernetesTakesWhatIsRendered(t *testing.T) {
	t.Parallel()
	schemas := schemas(t)
	check := func(text string) (string, error) {
		command := exec.Command(bin+"/kubeconform", "-strict", "-summary",
			// Of these operators no schema is at hand.
			"-skip", strings.Join(unknown, ","),
			"-schema-location", schemas+"/{{.ResourceKind}}{{.KindSuffix}}.json")
		command.Stdin = strings.NewReader(text)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	for _, values := range every(t) {
		_, text := render(t, values)
		out, err := check(text)
		require.NoError(t, err, values+"\n"+out)
		require.Contains(t, out, "Invalid: 0, Errors: 0", values)
	}
	_, text := render(t, "default")
	for what, wrong := range map[string]string{
		"a field that is not there": strings.Replace(text, "enableServiceLinks:", "enableServiceLink:", 1),
		"a number that is a word":   regexp.MustCompile(`replicas: \d+`).ReplaceAllString(text, "replicas: many"),
		"a route with another word": strings.Replace(text, "backendRefs:", "backends:", 1),
	} {
		require.NotEqual(t, text, wrong, what)
		out, err := check(wrong)
		require.Error(t, err, what+"\n"+out)
	}
}

// Modules with the definitions of what others act on.
const (
	gatewayAPI  = "sigs.k8s.io/gateway-api@v1.4.0"
	certManager = "github.com/cert-manager/cert-manager@v1.19.1"
)

// schemas makes, from what the version of Kubernetes that the tests run tells of
// itself, from the Gateway API
// and from cert-manager, a JSON schema for each kind. It gives the
// folder.
func schemas(t *testing.T) string {
	t.Helper()
	versions, err := os.ReadFile(root + "/deploy/test/k8s/go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`k8s\.io/kubernetes (v\S+)`).FindSubmatch(versions)
	require.NotNil(t, version)
	folder := t.TempDir()
	writeOpenAPI(t, folder, module(t, "k8s.io/kubernetes@"+string(version[1]))+"/api/openapi-spec/swagger.json")
	writeCRD(t, folder, module(t, gatewayAPI)+"/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml")
	writeCRD(t, folder, module(t, certManager)+"/deploy/crds/cert-manager.io_certificates.yaml")
	return folder
}

// module gives the folder of a module's version.
func module(t *testing.T, name string) string {
	t.Helper()
	command := exec.Command("go", "mod", "download", "-json", name)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := command.Output()
	require.NoError(t, err, string(out))
	var found struct{ Dir string }
	require.NoError(t, json.Unmarshal(out, &found))
	return found.Dir
}

func writeJSON(t *testing.T, file string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

func fileOf(folder, group, version, kind string) string {
	parts := []string{strings.ToLower(kind), version}
	if group != "" {
		parts = []string{strings.ToLower(kind), strings.Split(group, ".")[0], version}
	}
	return filepath.Join(folder, strings.Join(parts, "-")+".json")
}
