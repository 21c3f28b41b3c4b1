package directory_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/directory"
)

func TestConformance(t *testing.T) { conformance.Run(t, subject(t)) }

// vscodeDir is where the tests look for VS Code; the environment may say otherwise.
func vscodeDir(t *testing.T) string {
	dir := os.Getenv("ATRIUM_VSCODE_DIR")
	if dir == "" {
		dir = "../../../../../.cache/vscode"
	}
	if _, err := os.Stat(filepath.Join(dir, "current")); err != nil {
		conformance.Required(t, "directory", "VS Code is not installed in "+dir+"; run deploy/vscode/install.sh")
	}
	return dir
}

// subject is a real driver over a fresh data directory with a short name: the
// testing package's own are too long for a socket.
func subject(t *testing.T) conformance.Subject {
	data, err := os.MkdirTemp("/tmp", "atrium-ide-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(data)) })
	make := func(t *testing.T) driver.Driver { return newDriver(t, data) }
	d := newDriver(t, data)
	return conformance.Subject{Driver: d, Volumes: d, Again: make}
}

func newDriver(t *testing.T, data string) *directory.Driver {
	d, err := directory.New(directory.Options{DataDir: data, VSCodeDir: vscodeDir(t)})
	require.NoError(t, err)
	return d
}
