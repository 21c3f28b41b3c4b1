package vscode

import (
	_ "embed"
	"path/filepath"
)

// Warming is a script that makes an editor's server wait, besides serving, for
// the word whose it is; see WarmCommand.
//
//go:embed warm.js
var Warming []byte

// Names of what goes with Warming inside a sandbox.
const (
	InsideWarming = "/opt/warm.js"
	ClaimSocket   = "claim.sock"
	// ClaimVariable tells the script where to listen.
	ClaimVariable = "ATRIUM_CLAIM_SOCKET"
)

// WarmCommand is Command for an editor that is started before its user and
// project are known. The folder is then named by the page's address, as it is by
// every link of the platform.
func WarmCommand(p Places) []string {
	command := Command(p)
	command = append(command[:len(command)-1],
		"--session-socket", filepath.Join(p.Run, "session.sock")) // its usual folder is going to be the user's
	return append([]string{command[0], "--require", InsideWarming}, command[1:]...)
}
