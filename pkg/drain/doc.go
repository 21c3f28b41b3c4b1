// Package drain has what stays open for long, such as streams and WebSockets,
// leave a process that is about to stop: each after a moment of its own, with
// the reason, so that clients go on at another replica and don't all come at
// once. It knows nothing of transports, and waits for nothing that ends by itself.
package drain
