// Package lifecycle starts the parts of a program in order and stops them in
// the opposite one, each with a bounded time. It knows nothing of what they do.
package lifecycle
