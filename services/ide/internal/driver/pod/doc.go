// Package pod is what a driver of pods and the program inside them agree on:
// where things lie, how the two know each other, and how a user's volume is laid
// out. Inside, everything runs with the user's own rights; so the driver takes
// what it hears for the workspace's words.
package pod
