package conversation

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestTitleFrom(t *testing.T) {
	for content, want := range map[string]string{
		"Short question?":            "Short question?",
		"  two\n\tlines  ":           "two lines",
		strings.Repeat("ä", 70):      strings.Repeat("ä", 60) + "…",
		strings.Repeat("word ", 30):  strings.TrimSpace(strings.Repeat("word ", 12)) + "…",
		"\n \t":                      "",
		strings.Repeat("x ", 30000):  strings.TrimSpace(strings.Repeat("x ", 30)) + "…",
		"ends in a comma exactly at": "ends in a comma exactly at",
	} {
		title := TitleFrom(content)
		require.Equal(t, want, title)
		require.LessOrEqual(t, utf8.RuneCountInString(title), titleLength+1)
	}
}
