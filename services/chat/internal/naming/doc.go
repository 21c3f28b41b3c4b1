// Package naming owns the titles that a model gives to conversations nobody has
// named: what it is asked, and what of its answer becomes the title.
package naming
