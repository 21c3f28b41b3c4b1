package chart

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// Places of the repository.
const (
	root  = "../../.."
	dir   = root + "/deploy/helm/atrium"
	bin   = root + "/.cache/bin"
	space = "atrium" // the namespace that everything is rendered for
)

// object is one document of what Helm renders.
type object struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Spec       yaml.Node
	Data       map[string]string
	StringData map[string]string `yaml:"stringData"`
	text       string
}

// helm runs the program and gives what it prints and what it complains about.
func helm(t *testing.T, args ...string) (out, complaint string, err error) {
	t.Helper()
	path, err := filepath.Abs(bin + "/helm")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatal("no helm: run tools/install.sh helm")
	}
	command := exec.Command(path, args...)
	// No cluster of whoever runs the tests is asked anything.
	command.Env = append(os.Environ(), "KUBECONFIG=/nonexistent", "HOME="+t.TempDir())
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// render gives the chart's objects for one of its files of values.
func render(t *testing.T, values string, more ...string) (objects []object, text string) {
	t.Helper()
	args := append([]string{"template", "atrium", dir, "--namespace", space, "--values", dir + "/ci/" + values + ".yaml"}, more...)
	text, complaint, err := helm(t, args...)
	require.NoError(t, err, complaint)
	for part := range strings.SplitSeq(text, "\n---\n") {
		decoder := yaml.NewDecoder(strings.NewReader(part))
		var o object
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) || o.Kind == "" {
			continue
		} else {
			require.NoError(t, err)
		}
		o.text = part
		objects = append(objects, o)
	}
	return objects, text
}

// every is the files of values in ci.
func every(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(dir + "/ci/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".yaml"))
	}
	return names
}
