package vscode_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver/vscode"
)

func TestTheExtensionHasAVersion(t *testing.T) {
	dir := t.TempDir()
	_, err := vscode.ExtensionVersion(dir)
	require.ErrorContains(t, err, "deploy/vscode/install.sh")
	extension := filepath.Join(dir, "1.0/code-server/node_modules/code-server/lib/vscode/extensions/atrium")
	require.NoError(t, os.MkdirAll(extension, 0o755))
	require.NoError(t, os.Symlink("1.0", filepath.Join(dir, "current")))
	_, err = vscode.ExtensionVersion(dir)
	require.ErrorContains(t, err, "extension/build/install.mjs")
	require.NoError(t, os.WriteFile(filepath.Join(extension, "package.json"), []byte(`{"name":"atrium","version":"1.2.3"}`), 0o644))
	version, err := vscode.ExtensionVersion(dir)
	require.NoError(t, err)
	require.Equal(t, "1.2.3", version)
}
