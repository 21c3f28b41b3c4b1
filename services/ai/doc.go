// Package ai is the ai service: the one way from the platform to a model. It
// picks the provider, holds the caller to the plan, streams the answer and
// keeps the ledger of what was used.
//
// It makes no prompts: chat and ide do, and send it messages.
package ai
