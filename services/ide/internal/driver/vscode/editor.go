package vscode

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver/userdata"
)

// SocketName is the editor's socket in the folder of sockets.
const SocketName = "editor.sock"

// Where things lie inside a sandbox that has a file system of its own. None of
// the mount points is inside a folder that a user can write to: a link planted
// there would send a mount elsewhere.
const (
	InsideProjects   = "/workspaces"
	InsideHome       = "/home/coder"
	InsideState      = "/vscode/state"
	InsideSettings   = "/vscode/settings"
	InsideExtensions = "/vscode/extensions"
	InsideRun        = "/run/atrium"
	InsideVSCode     = "/opt/vscode"
)

// Places is where a workspace's parts are, as its editor sees them.
type Places struct {
	Project, Home, State, Settings, Extensions, Run, VSCode string
}

// Inside gives the places of a sandbox with a file system of its own, with the
// project's folder under the given name.
func Inside(name string) Places {
	return Places{InsideProjects + "/" + name, InsideHome, InsideState, InsideSettings, InsideExtensions, InsideRun, InsideVSCode}
}

// Node is the path of VS Code's Node.js.
func (p Places) Node() string { return filepath.Join(p.VSCode, "node/bin/node") }

func (p Places) codeServer() string {
	return filepath.Join(p.VSCode, "code-server/node_modules/code-server")
}

// Find gives the folder of the installed version below the folder that
// deploy/vscode/install.sh installed to.
func Find(dir string) (string, error) {
	found, err := filepath.EvalSymlinks(filepath.Join(dir, "current"))
	if err != nil {
		return "", fmt.Errorf("VS Code is not installed in %s; deploy/vscode/install.sh does that", dir)
	}
	return found, nil
}

// settingsJSON is what a new user's VS Code starts with. It is written once;
// from then on the file is the user's.
//
//go:embed settings.json
var settingsJSON []byte

// reconnectionGrace is how long, in seconds, an editor keeps the extension host
// of a browser that went away; stock is three hours of held memory.
const reconnectionGrace = "300"

// serve is the script that serves the editor; it is given to Node.js by value, so
// that it need not be a file in every kind of sandbox.
//
//go:embed serve.js
var serve string

// serveOptions are those of serve.
type serveOptions struct {
	// CodeServer is the folder of code-server's package.
	CodeServer string `json:"codeServer"`
	Socket     string `json:"socket"`
	// Folder is what a window shows whose address names nothing; it may be empty.
	Folder string `json:"folder,omitempty"`
	// Claim is the socket on which the word whose the editor is will come; empty
	// when that is known.
	Claim string `json:"claim,omitempty"`
	// Server are VS Code's own, by their names on a command line.
	Server map[string]any `json:"server"`
}

// Command starts VS Code's server on the sandbox's socket, without a sign-in of
// its own (the gateway is in front), update check and port proxy, whose pages
// would share the editor's origin.
func Command(p Places) []string { return command(p, serveOptions{Folder: p.Project}) }

// WarmCommand is Command for an editor that is started before its user and
// project are known, and waits at ClaimSocket for the word whose it is. The folder
// is then named by the page's address, as it is by every link of the platform.
func WarmCommand(p Places) []string {
	return command(p, serveOptions{Claim: filepath.Join(p.Run, ClaimSocket)})
}

// ClaimSocket is where an editor waits, in the folder of sockets.
const ClaimSocket = "claim.sock"

func command(p Places, o serveOptions) []string {
	o.CodeServer, o.Socket = p.codeServer(), filepath.Join(p.Run, SocketName)
	o.Server = map[string]any{
		"user-data-dir":                    p.State,
		"extensions-dir":                   p.Extensions,
		"app-name":                         "Atrium",
		"auth":                             "none",
		"reconnection-grace-time":          reconnectionGrace,
		"agent-host-bridge-host":           "off",
		"disable-telemetry":                true,
		"disable-update-check":             true,
		"disable-workspace-trust":          true,
		"disable-getting-started-override": true,
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings and booleans
	}
	return []string{p.Node(), "--max-semi-space-size=2", "-e", serve, string(text)}
}

// CLI is code-server's own program, for what is done beside a running editor, such
// as installing an extension.
func CLI(p Places) []string {
	return []string{p.Node(), filepath.Join(p.codeServer(), "out/node/entry.js")}
}

// Prepare puts what the editor expects into the user's folders: the
// state folder's User is a link to the settings that all of the user's
// workspaces share. The folders may be in use and hostile, so every path is
// resolved below root.
func Prepare(root *os.Root, workspace uuid.UUID, uid int, p Places) error {
	if err := userdata.OwnDir(root, userdata.State(workspace), uid); err != nil {
		return err
	}
	link := userdata.State(workspace) + "/User"
	if err := root.RemoveAll(link); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	if err := root.Symlink(p.Settings, link); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	if err := root.Lchown(link, uid, uid); err != nil {
		return fmt.Errorf("the editor's settings: %w", err)
	}
	for name, content := range map[string][]byte{
		userdata.Settings + "/settings.json": settingsJSON,
		userdata.Home + "/.bashrc":           skeleton(".bashrc"),
		userdata.Home + "/.profile":          skeleton(".profile"),
	} {
		if err := writeOnce(root, name, content, uid); err != nil {
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

// Environment is everything a workspace is told. Nothing of this process's own
// environment goes in.
func Environment(p Places, workspace uuid.UUID) []string {
	return []string{
		Marker(workspace),
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + p.Home,
		"USER=coder", "LOGNAME=coder", "SHELL=/bin/bash",
		"LANG=C.UTF-8",
		"MALLOC_ARENA_MAX=2",
	}
}

// Marker is how a process tells, in its environment, which workspace it is of.
func Marker(workspace uuid.UUID) string { return "ATRIUM_WORKSPACE_ID=" + workspace.String() }
