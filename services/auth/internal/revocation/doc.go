// Package revocation tells every gateway, through Redis, that sessions have
// ended or that their holder has changed. Postgres has decided by then; what is lost here is made good when the
// gateways' cache entries expire.
package revocation
