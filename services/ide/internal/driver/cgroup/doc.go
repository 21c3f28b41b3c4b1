// Package cgroup holds sandboxes to their limits, and measures them, with the
// kernel's control groups: version 1 or 2, whichever the machine has. What is to
// be in a group is its callers' to know.
package cgroup
