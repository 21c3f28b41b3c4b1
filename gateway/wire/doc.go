// Package wire stands between the network and net/http. It bounds connections,
// does TLS handshakes, and lets through only HTTP/1 requests that every proxy on
// the way reads alike: net/http is lenient where RFC 9112 lets it be, and two
// readers that differ in leniency are what request smuggling needs. What it
// refuses reaches the handlers as a request that package wire itself made, so
// that the refusal is logged and written like any other.
package wire
