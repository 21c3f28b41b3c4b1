package vscode

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// ExtensionVersion gives the version of the platform's own extension in the VS
// Code installed below a folder. One that is missing is an error too.
func ExtensionVersion(dir string) (string, error) {
	installed, err := Find(dir)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(installed, "code-server/node_modules/code-server/lib/vscode/extensions/atrium/package.json"))
	if err != nil {
		return "", fmt.Errorf("the extension of VS Code is not installed in %s; extension/build/install.mjs does that", dir)
	}
	var manifest struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return "", fmt.Errorf("the extension of VS Code: %w", err)
	}
	return manifest.Version, nil
}
