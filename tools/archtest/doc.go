// Package archtest holds the rules of ARCHITECTURE.md about who may import
// whom, and the test that applies them to every module of the repository.
package archtest
