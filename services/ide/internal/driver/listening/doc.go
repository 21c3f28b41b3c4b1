// Package listening finds out on which TCP ports programs listen, by what the
// kernel tells of a network and of the processes in it. Which of them are a
// workspace's is for its callers to know.
package listening
