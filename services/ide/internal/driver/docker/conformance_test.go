package docker

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

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
			Script: func(t *testing.T, v driver.VolumeSpec, script string) string {
				p := personWith(t, d, v, driver.Limits{MemoryBytes: 512 << 20, Processes: 100, CPUMillis: 2000})
				defer p.end(t)
				return p.run(t, script)
			},
			Begin: func(t *testing.T, v driver.VolumeSpec, l driver.Limits, script string) (driver.Handle, func()) {
				p := personWith(t, d, v, l)
				p.start(t, script)
				return p.handle, func() { p.end(t) }
			},
			Claimed: func(t *testing.T, h driver.Handle, v driver.Volume) { requireClaimed(t, c, d, h, v) },
		})
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		require.NoError(t, err)
		require.NotContains(t, string(mounts), d.Run, "nothing stays mounted")
	})
}
