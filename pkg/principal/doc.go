// Package principal says who is calling: the identity that the gateway signs,
// as services see it in a context. It neither signs nor verifies (package
// identity does) and decides nothing about access.
package principal
