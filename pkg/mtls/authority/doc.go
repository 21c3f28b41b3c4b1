// Package authority makes the certificates of services that have no other
// authority to get them from: a private one in a folder, and below it a folder
// for each service, with nothing but what this service needs.
package authority
