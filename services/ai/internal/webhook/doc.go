// Package webhook posts alerts to the operator's address, signed as the
// Standard Webhooks specification says. What is told, and how often it is
// tried, is decided elsewhere.
package webhook
