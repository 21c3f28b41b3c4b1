package search

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// proposes says whether the blind index would propose the text.
func proposes(x Index, q Query, text string) bool {
	terms := map[int64]bool{}
	for _, term := range x.Terms(text) {
		terms[term] = true
	}
	for _, alternatives := range x.Wanted(q) {
		hit := false
		for _, term := range alternatives {
			hit = hit || terms[term]
		}
		if !hit {
			return false
		}
	}
	return true
}

func TestWhatIsFound(t *testing.T) {
	x := New([]byte("a key"))
	for _, c := range []struct {
		query, text string
		found       bool
	}{
		{"houses", "A house by the sea.", true},
		{"Häuser ", "Das Haus am See", true},
		{"HAUSER ", "zwei Häuser", true},
		{"kuber", "Deploying on Kubernetes", true},
		{"neighb ", "my neighbourhood", false},
		{"kubertenes", "Deploying on Kubernetes", false},
		{"sea house", "A house by the sea.", true},
		{"sea boat", "A house by the sea.", false},
		{"straße ", "STRASSE", true},
		{"検索", "全文検索の仕組み", true},
		{"検文", "全文検索の仕組み", false},
		{"索", "全文検索の仕組み", true},
		{"x ", "x = y", true},
		{"err_no", "the value of ERR_NO", true},
	} {
		q, err := Parse(c.query)
		require.NoError(t, err)
		_, found := q.Find(c.text)
		require.Equal(t, c.found, found, "%q in %q", c.query, c.text)
		if c.found {
			require.True(t, proposes(x, q, c.text), "the index knows %q in %q", c.query, c.text)
		}
	}
	_, err := Parse(" ?!")
	require.ErrorIs(t, err, ErrNoWords)
}

func TestTwoUsersHashesHaveNothingInCommon(t *testing.T) {
	text := "the very same words, and many of them"
	mine := map[int64]bool{}
	for _, term := range New([]byte("mine")).Terms(text) {
		mine[term] = true
	}
	for _, term := range New([]byte("yours")).Terms(text) {
		require.False(t, mine[term])
	}
}

func TestASnippetShowsTheHits(t *testing.T) {
	text := strings.Repeat("before ", 40) + "the 🎉 needle\n\n and another  Needle, " + strings.Repeat("after ", 60)
	q, err := Parse("needle")
	require.NoError(t, err)
	s, found := q.Find(text)
	require.True(t, found)
	require.True(t, strings.HasPrefix(s.Text, "…before") && strings.HasSuffix(s.Text, "after…"), s.Text)
	require.NotContains(t, s.Text, "  ")
	units := utf16.Encode([]rune(s.Text))
	var shown []string
	for _, hit := range s.Hits {
		shown = append(shown, string(utf16.Decode(units[hit.Start:hit.End])))
	}
	require.Equal(t, []string{"needle", "Needle"}, shown)
}

func FuzzFind(f *testing.F) {
	f.Add("needle", "a needle in a haystack")
	f.Add("検索", "全文検索の仕組み\xff")
	f.Add("0", "00000000")
	f.Fuzz(func(t *testing.T, query, text string) {
		q, err := Parse(query)
		if err != nil {
			return
		}
		s, found := q.Find(text)
		if !found {
			return
		}
		require.NotEmpty(t, s.Hits)
		units := utf16.Encode([]rune(s.Text))
		for _, hit := range s.Hits {
			require.True(t, 0 <= hit.Start && hit.Start < hit.End && hit.End <= len(units), "%v in %q", s.Hits, s.Text)
		}
		require.True(t, proposes(New([]byte("k")), q, text))
	})
}
