// Package gateway is the platform's one door: it serves the REST contract, its
// event streams and the web app on the platform's host, and VS Code on the
// workspaces' hosts. It holds no data of its own; it signs the identities that
// the services behind it trust.
package gateway
