package directory

import (
	"testing"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
)

func TestConformance(t *testing.T) {
	needVSCode(t)
	data := dataDir(t)
	d := newDriver(t, data)
	conformance.Run(t, conformance.Subject{
		Driver: d, Volumes: d,
		Again: func(t *testing.T) driver.Driver { return newDriver(t, data) },
	})
}
