package directory

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// settingsJSON is what a new user's VS Code starts with. It is written once;
// from then on the file is the user's.
//
//go:embed settings.json
var settingsJSON []byte

// reconnectionGrace is how long, in seconds, an editor keeps the extension host
// of a browser that went away; stock is three hours of held memory.
const reconnectionGrace = "300"

// editorCommand starts code-server on the sandbox's socket, without its own
// sign-in (the gateway is in front), update check and port proxy, whose pages
// would share the editor's origin.
func editorCommand(p places) []string {
	return []string{
		filepath.Join(p.vscode, "node/bin/node"),
		"--max-semi-space-size=2",
		filepath.Join(p.vscode, "code-server/node_modules/code-server/out/node/entry.js"),
		"--config", filepath.Join(p.state, "code-server.yaml"),
		"--auth", "none",
		"--socket", filepath.Join(p.run, socketName),
		"--socket-mode", "660",
		"--disable-telemetry",
		"--disable-update-check",
		"--disable-workspace-trust",
		"--disable-getting-started-override",
		"--disable-proxy",
		"--user-data-dir", p.state,
		"--extensions-dir", p.extensions,
		"--app-name", "Atrium",
		"--reconnection-grace-time", reconnectionGrace,
		"--vscode-option", "agent-host-bridge-host=off",
		"--ignore-last-opened",
		p.project,
	}
}

// prepareEditor puts what the editor expects into the user's folders: the
// state folder's User is a link to the settings that all of the user's
// workspaces share. The folders may be in use and hostile, so every path is
// resolved below root.
func prepareEditor(root *os.Root, r record, p places) error {
	if err := ownDir(root, state(r.WorkspaceID), r.UID); err != nil {
		return err
	}
	link := state(r.WorkspaceID) + "/User"
	if err := root.RemoveAll(link); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	if err := root.Symlink(p.settings, link); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	if err := root.Lchown(link, r.UID, r.UID); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	for name, content := range map[string][]byte{
		settingsDir + "/settings.json":             settingsJSON,
		state(r.WorkspaceID) + "/code-server.yaml": []byte("{}\n"),
		homeDir + "/.bashrc":                       skeleton(".bashrc"),
		homeDir + "/.profile":                      skeleton(".profile"),
	} {
		if err := writeOnce(root, name, content, r.UID); err != nil {
			return err
		}
	}
	return nil
}

// skeleton is the machine's own start file for new accounts.
func skeleton(name string) []byte {
	text, _ := os.ReadFile(filepath.Join("/etc/skel", name)) // a machine without it has plain shells
	return text
}

// writeOnce writes a file of the user's unless it is there.
func writeOnce(root *os.Root, name string, content []byte, uid int) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chown(uid, uid), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
