// Package e2e tests the platform as its users meet it: the real programs, as
// processes, in both run modes, over HTTP. Only the AI provider's far end is a
// stand-in.
package e2e
