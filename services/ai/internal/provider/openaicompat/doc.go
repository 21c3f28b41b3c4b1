// Package openaicompat is the provider that speaks OpenAI's chat completions
// with OpenAI itself or with any endpoint that speaks the same. It translates
// one call and its stream; it neither retries nor sets time limits, and reads
// nothing from the environment.
package openaicompat
