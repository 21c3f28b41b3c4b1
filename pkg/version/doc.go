// Package version is the platform's version: one for all programs, pages and
// the extension of VS Code.
package version
