// Package auditlog owns the reading of the audit log and the chain that shows
// whether a row was changed, removed or put in later. Writing entries is
// pkg/audit's, in the transaction of what they tell of.
package auditlog
