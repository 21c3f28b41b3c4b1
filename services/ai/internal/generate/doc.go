// Package generate answers a request with a model: it checks the request,
// picks the model's provider, has the ledger reserve, runs the attempts under
// their time limits, and has the ledger settle, whatever happens in between.
//
// It is the only layer that retries, and it retries only while no text has
// gone out. It knows no wire format (package provider/… does) and no transport
// (grpcapi does).
package generate
