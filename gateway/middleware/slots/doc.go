// Package slots bounds how much is under way at once: in all, for one address,
// and for one user, whose long-lived streams and WebSockets are counted apart
// from requests that end soon. Each gateway counts for itself, since what it
// guards is its own memory.
package slots
