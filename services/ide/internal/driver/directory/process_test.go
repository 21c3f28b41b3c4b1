package directory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseStatWithANameThatTries(t *testing.T) {
	t.Parallel()
	stat, err := parseStat([]byte("42 (a) R 1 (b)) S 7 1 1 0 -1 0 0 0 0 0 11 22 0 0 20 0 1 0 999 4096 55 0"))
	require.NoError(t, err)
	require.Equal(t, procStat{name: "a) R 1 (b)", state: 'S', parent: 7, ticks: 33, start: 999, pages: 55}, stat)
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (sh) S 7 1 1 0 -1 0 0 0 0 0 11 22 0 0 20 0 1 0 999 4096 55 0"))
	f.Add([]byte(")("))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = parseStat(text) })
}
