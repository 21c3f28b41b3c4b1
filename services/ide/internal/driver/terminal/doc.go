// Package terminal keeps shells on pseudo-terminals inside a sandbox, apart from
// whoever looks at them: a shell stays when its watcher goes, with the last of
// what it printed, until it ends or its sandbox does. How a watcher is reached is
// package keeper's.
package terminal
