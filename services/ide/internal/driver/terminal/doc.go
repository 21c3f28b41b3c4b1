// Package terminal keeps shells on pseudo-terminals inside a sandbox, apart from
// whoever looks at them: a shell stays when its watcher goes, with the last of
// what it printed, until it ends or its sandbox does. A watcher on the same kernel may
// be lent the pseudo-terminal, to read it without this program between. How a watcher
// is reached is package keeper's.
package terminal
