// Package egress is the one way out of a sandbox without a network: an HTTP
// proxy on a Unix socket that is bound into it. It decides by the address that a
// name really leads to, at the moment of connecting, so no name, redirect or
// change of DNS reaches what is not for workspaces: the machine's own addresses,
// private networks, metadata services. The platform itself can be reached, at
// its public address only. What runs inside is not its business.
package egress
