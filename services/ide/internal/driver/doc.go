// Package driver is the contract between the workspaces' life-cycle and
// whatever runs them: the interface that every isolation class implements, and
// the plain values that cross it. It starts nothing itself; the drivers live in
// the packages below it, and package conformance is what each must pass.
package driver
