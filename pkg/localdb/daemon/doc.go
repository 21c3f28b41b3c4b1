// Package daemon runs a database server as a child process that outlives the
// program: it gives the server a private folder, an unprivileged account, a
// socket folder with a short path and a session of its own, and finds it again
// after the program was killed.
//
// It knows nothing of any particular server; packages postgres and redis do.
// It needs Linux: processes are found through /proc.
package daemon
