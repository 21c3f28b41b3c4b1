package docker

import (
	"testing"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
)

func TestConformance(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		data := dataDir(t)
		d := c.driver(t, data)
		conformance.Run(t, conformance.Subject{
			Driver: d, Volumes: d,
			Again: func(t *testing.T) driver.Driver { return c.driver(t, data) },
		})
	})
}
