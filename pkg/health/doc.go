// Package health answers whether a process lives and whether it can serve, with
// each thing that it depends on by name. What is wrong with one goes to the log,
// never into the answer.
package health
