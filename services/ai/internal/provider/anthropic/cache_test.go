package anthropic_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/generate"
)

// marks are the texts at whose end a call's prompt is marked for the cache, as
// they went over the wire.
func marks(t *testing.T, call generate.Call) []string {
	t.Helper()
	p, far := start(t)
	call.Model, call.MaxTokens = model, 10
	_, err := p.Stream(t.Context(), call, func(generate.Piece) error { return nil })
	require.NoError(t, err)
	type block struct {
		Text, Name   string
		CacheControl map[string]string `json:"cache_control"`
	}
	var body struct {
		Tools, System []block
		Messages      []struct{ Content []block }
	}
	require.NoError(t, json.Unmarshal(far.Calls()[0].Body, &body))
	blocks := slices.Concat(body.Tools, body.System)
	for _, m := range body.Messages {
		blocks = append(blocks, m.Content...)
	}
	var marked []string
	for _, b := range blocks {
		if b.CacheControl["type"] == "ephemeral" {
			marked = append(marked, b.Name+b.Text)
		}
	}
	return marked
}

func conversation(texts ...string) (out []generate.Message) {
	for i, text := range texts {
		role := generate.User
		if i%2 == 1 {
			role = generate.Assistant
		}
		out = append(out, generate.Message{Role: role, Parts: generate.Plain(text)})
	}
	return out
}

func TestPromptsAreMarkedForTheCacheWhereTheirCallerDidNot(t *testing.T) {
	tools := []generate.Tool{{Name: "a", InputSchema: json.RawMessage(`{"type":"object"}`)}, {Name: "b", InputSchema: json.RawMessage(`{"type":"object"}`)}}
	long := strings.Repeat("rule ", 2000)
	for name, c := range map[string]struct {
		call generate.Call
		want []string
	}{
		"a question": {generate.Call{Messages: conversation("q")}, nil},
		"what comes before a question": {
			generate.Call{System: []generate.Part{{Text: "first"}, {Text: long}}, Tools: tools, Messages: conversation("q")}, []string{long},
		},
		"tools alone": {generate.Call{Tools: tools, Messages: conversation("q")}, []string{"b"}},
		"a conversation that goes on": {
			generate.Call{System: generate.Plain(long), Messages: conversation("q1", "a1", "q2", "a2", "q3"), Continues: true}, []string{long, "q2", "q3"},
		},
		"the caller's own marks": {
			generate.Call{System: generate.Plain(long), Messages: []generate.Message{
				{Role: generate.User, Parts: []generate.Part{{Text: "here", Cache: true}, {Text: "q"}}},
			}, Continues: true}, []string{"here"},
		},
	} {
		require.Equal(t, c.want, marks(t, c.call), name)
	}
}

func TestAPromptIsCountedByTheProviderWithoutACall(t *testing.T) {
	p, far := start(t)
	count, err := p.Count(t.Context(), generate.Call{
		Model: model, MaxTokens: 10, StopSequences: []string{"x"}, System: generate.Plain("Be kind."), Messages: conversation("How are you?"),
	})
	require.NoError(t, err)
	require.Positive(t, count)
	require.Equal(t, "/v1/messages/count_tokens", far.Calls()[0].Path)
	var body map[string]any
	require.NoError(t, json.Unmarshal(far.Calls()[0].Body, &body))
	require.NotContains(t, body, "max_tokens")
	require.NotContains(t, body, "stop_sequences")
	require.Contains(t, body, "system")
}
