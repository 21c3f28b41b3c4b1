// Package telemetry turns how calls of providers go into metrics and spans. It
// sees names and counts only: no prompt, no answer, no key.
package telemetry
