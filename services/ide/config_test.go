package ide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide"
)

func TestSettingsOfContainersAreChecked(t *testing.T) {
	t.Parallel()
	good := ide.Config{
		Isolation: "docker", VSCodeDir: "vscode", AutostopAfter: time.Hour, StartTimeout: time.Minute, Processes: 100,
		Image: "atrium-workspace", Networks: []string{"10.20.0.0/16", "fd12::/48"},
	}
	require.NoError(t, good.Validate())
	for want, change := range map[string]func(*ide.Config){
		`isolation: "kvm" is not a class this program has; it has directory, docker, gvisor`:      func(c *ide.Config) { c.Isolation = "kvm" },
		`isolation-also: "kvm" is not a class this program has; it has directory, docker, gvisor`: func(c *ide.Config) { c.Also = []string{"kvm"} },
		`workspace-networks: "10.20.0.1" is not a network such as 10.20.0.0/16`:                   func(c *ide.Config) { c.Networks = []string{"10.20.0.1"} },
		`workspace-image: is empty`: func(c *ide.Config) { c.Image = "" },
	} {
		bad := good
		change(&bad)
		require.ErrorContains(t, bad.Validate(), want)
	}
}
