// Command bench measures the platform beside its peers in one run, and prints
// ratios. It starts everything that it needs on private databases and asserts
// nothing: figures are for people to read, with their spread beside them.
package main
