// Package aiwire is what the providers' wire formats have in common at the
// gateway: they read one JSON request, call the ai service with it, and write
// the answer whole or as a stream of events. The formats themselves are the
// packages below it, a package each: pure functions between a wire's JSON and
// the contract's messages, and thin handlers around them. They keep no state,
// know no provider, and serve any model that is offered.
package aiwire
