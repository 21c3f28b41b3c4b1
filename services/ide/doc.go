// Package ide is the service for workspaces: it keeps them, runs VS Code in
// them through an isolation driver, lets browsers in by tickets, and answers
// the editor's questions to a model. It knows the ai service only as a client,
// users only by their signed identities, and nothing of HTTP towards browsers,
// which is the gateway's.
package ide
