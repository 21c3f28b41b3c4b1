// Package files is what people may do with the files of a workspace from
// outside of it: list, read, write, move and delete. Every path
// that somebody names is resolved by os.Root, so none leads out of the folder,
// whatever links lie in it. It knows no users and no workspaces: who may open
// a folder, and with whose rights, is decided before.
package files
