// Package certificate gives the gateway its TLS certificates: from files that
// somebody else renews, or from an ACME authority.
package certificate
