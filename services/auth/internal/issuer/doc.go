// Package issuer speaks OpenID Connect with the configured providers: it finds
// their addresses and keys, says where a browser signs in, redeems what it
// brings back, and holds the provider's word to the protocol. What the word is
// worth here is decided in package oidc.
package issuer
