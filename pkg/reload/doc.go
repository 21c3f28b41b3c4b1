// Package reload reads values from files again when the files change, so that
// keys and certificates can be replaced while programs run. It looks when the
// value is asked for, needs no goroutine, and keeps the last good value.
package reload
