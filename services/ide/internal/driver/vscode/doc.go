// Package vscode knows how a workspace's VS Code is started on this machine:
// its command line, what it expects in its user's folders, and where things lie
// inside a sandbox. What the sandbox is made of is the drivers' business.
package vscode
