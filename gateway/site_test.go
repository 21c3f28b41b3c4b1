package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichHostsAreOneSite(t *testing.T) {
	for _, c := range []struct {
		platform, ide string
		separate      bool
	}{
		{"atrium.localhost", "ide.atrium.localhost", false},
		{"atrium.localhost", "ide-atrium.localhost", true},
		{"app.example.com", "ide.example.com", false},
		{"app.example.com", "ide.example-workspaces.com", true},
		{"app.example.co.uk", "ide.other.co.uk", true},
		{"alice.github.io", "bob.github.io", true},
		{"localhost", "ide.localhost", true},
	} {
		require.Equal(t, c.separate, separateSite(c.platform, c.ide), "%s and %s", c.platform, c.ide)
	}
}
