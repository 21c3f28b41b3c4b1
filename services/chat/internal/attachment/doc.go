// Package attachment owns the files that go with messages: what is taken as
// one, what it is, and how many there may be.
package attachment
