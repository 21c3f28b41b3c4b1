// Package keeper is the first process of a sandbox that has a process table and
// a network of its own, and how its driver speaks with it. Inside, it starts the
// editor when told to, ends what has lost its parent, and lets the driver reach
// the ports of the sandbox, which nobody outside could. It runs with the user's
// own rights, so its driver takes what it answers for the workspace's words.
package keeper
