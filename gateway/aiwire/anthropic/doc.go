// Package anthropic serves Anthropic's Messages API: the wire format that its
// SDKs and many coding tools speak. It owns the translation between that format
// and the contract's messages, errors included.
package anthropic
