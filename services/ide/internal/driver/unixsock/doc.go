// Package unixsock connects to Unix sockets that hostile programs may have
// tampered with. It knows nothing of what is spoken over them.
package unixsock
