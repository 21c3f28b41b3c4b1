// Package measure counts and times every request by its route, and begins the
// trace that the request's calls go on with. A trace from outside is not taken
// over, like a request id: it would let a client write into ours.
package measure
