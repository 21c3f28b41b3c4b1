// Package search owns how sealed texts are found: which words a text has, by
// which keyed hashes a blind index knows them, what a query asks for, and the
// snippet that is shown. The index can only propose: every hit is opened and
// looked at before it counts.
package search
