// Package deptest checks which packages import which, and gives the reason
// when one imports what it must not. It looks at direct imports of the code
// itself, not of its tests; the rules are the caller's.
package deptest
