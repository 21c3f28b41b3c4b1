// Package files serves the files of workspaces as plain bodies, with their
// versions as ETags. The bytes pass through in small pieces, so that their size
// takes no memory.
package files
