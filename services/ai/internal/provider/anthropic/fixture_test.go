package anthropic_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/tariff"
)

func TestDocumentedStreams(t *testing.T) {
	for name, want := range map[string]generate.Report{
		"thinking": {
			Accepted: true, Final: true, StopReason: generate.MaxTokens,
			Tokens: tariff.Tokens{Input: 472, CacheWrite: 11, CacheRead: 9, Output: 89},
		},
		"refusal": {
			Accepted: true, Final: true, StopReason: generate.Refusal, Tokens: tariff.Tokens{Input: 564, Output: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
			require.NoError(t, err)
			p, far := start(t)
			far.Push(fakeai.Script{Raw: archive.Files[0].Data, WriteSize: 11})
			var text strings.Builder
			report, err := p.Stream(t.Context(), generate.Call{
				Model: model, MaxTokens: 10, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("Why tides?")}},
			}, func(piece generate.Piece) error { text.WriteString(piece.Text); return nil })
			require.NoError(t, err)
			require.Equal(t, want, report)
			require.Equal(t, strings.TrimSpace(string(archive.Files[1].Data)), text.String())
		})
	}
}
