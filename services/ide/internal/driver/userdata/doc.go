// Package userdata keeps the users' files on a machine's own disk, for every
// driver that runs workspaces there:
//
//	<data dir>/users/<user id>/workspaces/<workspace id>/   the project
//	                          settings/                     VS Code's settings
//	                          extensions/                   VS Code's extensions
//	                          .metadata/home/               the home folder
//	                          .metadata/<workspace id>/     the editor's state
//	<data dir>/ide/                                         the drivers' own notes
//
// All of a user's is 0700 and belongs, when this program runs as root, to a uid
// that nobody else has. The package knows nothing of what runs, except where the
// run folder of a sandbox is. Whatever lies in a user's folder may be hostile and
// in use, so every path is resolved below an os.Root.
package userdata
