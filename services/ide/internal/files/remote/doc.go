// Package remote does the work of package files where the files are: a Server
// beside them answers a Client over a connection. Whoever connects the two decides
// whose files they are and with whose rights the server works. The client believes
// the server nothing that would harm anybody but the files' owner.
package remote
