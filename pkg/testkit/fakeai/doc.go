// Package fakeai is a far end for tests: an HTTP server that speaks Anthropic's
// and OpenAI's true wire formats, streams included, and misbehaves on demand.
//
// It owns the two wire formats, the scripts that say what a call answers, a
// record of every request, and a token count of its own per call, so that a
// test can hold a ledger against what the provider counted. It is as strict as
// the real services about the shape of requests, because a lenient fake hides
// malformed ones.
//
// It does not think: an answer is the script's text, a directive's in the
// prompt (see [ParseDirectives]), or an echo of the question. Nothing outside
// tests may import it.
package fakeai
