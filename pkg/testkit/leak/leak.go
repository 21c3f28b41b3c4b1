// Package leak fails a package's tests when they leave goroutines behind.
package leak

import (
	"testing"

	"go.uber.org/goleak"
)

// Main is a package's TestMain: it runs the tests and then looks for
// goroutines that nobody waited for.
//
//	func TestMain(m *testing.M) { leak.Main(m) }
func Main(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Reaps the shared test database, which outlives every test.
		goleak.IgnoreAnyFunction("atrium.internal/pkg/localdb/daemon.(*Process).reap"),
	)
}
