package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The digests of images are the same for the same commit only if programs are.
func TestProgramsAreTheSameFromAnotherFolder(t *testing.T) {
	recipe, err := os.ReadFile("../../deploy/docker/Dockerfile")
	require.NoError(t, err)
	builds := regexp.MustCompile(`go build (.*) -o `).FindAllStringSubmatch(string(recipe), -1)
	require.Len(t, builds, 2, "the Dockerfile's builds")
	source, err := os.ReadFile("../../services/all/cmd/healthy/main.go")
	require.NoError(t, err)
	for _, build := range builds {
		flags := strings.Fields(build[1])
		require.True(t, bytes.Equal(program(t, source, flags), program(t, source, flags)), build[1])
	}
}

// program builds one in a folder of its own.
func program(t *testing.T, source []byte, flags []string) []byte {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/healthy\n\ngo 1.26.0\n"), 0o600))
	build := exec.CommandContext(t.Context(), "go", append(append([]string{"build"}, flags...), "-o", "program", ".")...)
	build.Dir = dir
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	built, err := os.ReadFile(filepath.Join(dir, "program"))
	require.NoError(t, err)
	return built
}
