// Package ledger is the book of who used how many tokens: it holds a plan's
// monthly tokens against every call before it is made (reserve), and enters
// what the call really used (settle). What it shows is what it enforces, since
// both are the same sum over the same rows.
//
// Every attempt with a provider is one entry. It begins reserved, at an
// estimate, and ends settled or released, once. An entry whose process died is
// closed by the sweep at an estimate; should the process be alive after all,
// its own figures replace the estimate.
//
// It calls no provider and sets no price: generate does the one, tariff the
// other.
package ledger
