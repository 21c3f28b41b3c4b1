package household_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/household"
)

func TestOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1":        "192.0.2.1",
		"::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8::1":      "2001:db8::/64",
		"2001:db8::ffff:1": "2001:db8::/64",
		"2001:db8:0:1::1":  "2001:db8:0:1::/64",
		"fe80::1%eth0":     "fe80::/64",
		"not an address":   "not an address",
		"":                 "",
	} {
		require.Equal(t, want, household.Of(address), address)
	}
}
