// Package conformance is the one set of tests that every provider passes, so
// that the generator can treat them alike. A provider that calls somewhere is
// tested against the fake far end, on the wire.
package conformance
