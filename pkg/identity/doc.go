// Package identity signs and verifies who a service call is made for. The
// gateway alone holds the private key; a token lives 60 seconds at most and
// names the services it is for.
package identity
