// Package openai serves OpenAI's chat completions: the wire format that its
// SDKs and many tools speak. It owns the translation between that format and
// the contract's messages, errors included.
package openai
