// Package mtls secures connections between services: both ends prove by a
// certificate which service they are. The name is a URI in the certificate,
// spiffe://<trust domain>/<service>, or without any URI the DNS name
// <service>.<trust domain>; for TLS libraries that know names of hosts only, the
// service is a DNS name there too. Certificates are read again when their files
// change. What a service may then call is not decided here.
package mtls
