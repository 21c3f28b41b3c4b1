package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkFind looks through a thousand texts of a hundred words for a
// beginning that few of them have, as a search does with what the index
// proposes. Words are as common as in a language.
func BenchmarkFind(b *testing.B) {
	common := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 2, 20_000)
	texts := make([]string, 1_000)
	for i := range texts {
		var text strings.Builder
		for range 100 {
			n := common.Uint64()
			fmt.Fprintf(&text, "%c%cwords%xing ", 'a'+rune(n%20), 'a'+rune(n%7), n)
		}
		texts[i] = text.String()
	}
	b.ReportAllocs()
	for b.Loop() {
		q, err := Parse("dawordless")
		if err != nil {
			b.Fatal(err)
		}
		for _, text := range texts {
			q.Find(text)
		}
	}
}
