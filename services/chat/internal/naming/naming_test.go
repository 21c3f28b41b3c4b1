package naming

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatAModelSaysBecomesATitle(t *testing.T) {
	for said, title := range map[string]string{
		"Tides and moons":                    "Tides and moons",
		"\n\n**\"Tides and moons.\"**\nMore": "Tides and moons",
		"# Title: „Ebbe und Flut“":           "Ebbe und Flut",
		"Title: **Tides**":                   "Tides",
		"a\x00b":                             "ab",
		" \n\"\"\n":                          "",
	} {
		require.Equal(t, title, clean(said))
	}
}
