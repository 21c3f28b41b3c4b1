// Package transport is the HTTP that the provider adapters share: a client
// with the right limits, and the reading of how long a provider asks to wait.
// It knows no wire format.
package transport
