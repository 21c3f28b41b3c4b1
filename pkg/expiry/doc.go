// Package expiry tells in time that a certificate ends: a metric has the moment,
// and the log a warning at the start and once a day while it is near. Renewing
// certificates is done elsewhere.
package expiry
