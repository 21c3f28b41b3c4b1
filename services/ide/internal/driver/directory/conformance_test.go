package directory

import (
	"testing"

	"github.com/stretchr/testify/require"

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
		Script: func(t *testing.T, v driver.VolumeSpec, script string) string {
			p := personWith(t, d, v, driver.Limits{MemoryBytes: 256 << 20, Processes: 100, CPUMillis: 2000})
			defer p.end(t)
			return p.run(t, script)
		},
		Begin: func(t *testing.T, v driver.VolumeSpec, l driver.Limits, script string) (driver.Handle, func()) {
			p := personWith(t, d, v, l)
			h, err := p.start(t, script).handle()
			require.NoError(t, err)
			return h, func() { p.end(t) }
		},
		Claimed: func(t *testing.T, h driver.Handle, v driver.Volume) { requireClaimed(t, d, h, v) },
	})
}
