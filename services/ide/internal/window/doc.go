// Package window owns what the windows in which a workspace's VS Code is open
// are asked to show: a request waits a moment for the one window that takes it.
// It knows nothing of how a window shows a file, and keeps nothing for later:
// a workspace without a window is opened by its page.
package window
