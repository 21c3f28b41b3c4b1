package openaicompat_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
)

// Endpoints of open models differ: one sends a whole call at once and all with
// the index 0, another repeats its id with each piece, a third has no ids and
// says "stop", and thinking comes under one of two names.
func TestEveryEndpointsWayToCallTools(t *testing.T) {
	const end = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" + `data: [DONE]` + "\n\n"
	event := func(delta string) string { return `data: {"choices":[{"index":0,"delta":` + delta + `}]}` + "\n\n" }
	for name, c := range map[string]struct {
		stream string
		starts []string
		inputs []string
		think  string
	}{
		"whole calls": {
			stream: event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{\"n\":1}"}}]}`) +
				event(`{"tool_calls":[{"index":0,"id":"b","function":{"name":"look","arguments":"{\"n\":2}"}}]}`),
			starts: []string{"a", "b"}, inputs: []string{`{"n":1}`, `{"n":2}`},
		},
		"repeated ids": {
			stream: event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{\"n\""}}]}`) +
				event(`{"tool_calls":[{"index":0,"id":"a","function":{"arguments":":1}"}}]}`),
			starts: []string{"a"}, inputs: []string{`{"n":1}`},
		},
		"no ids, and thinking": {
			stream: event(`{"reasoning":"Hm","content":["odd"],"refusal":{}}`) + event(`{"reasoning_content":"m."}`) +
				event(`{"tool_calls":[{"index":0,"function":{"name":"look","arguments":"{}"}},{"index":1,"function":{"name":"look","arguments":"{}"}}]}`),
			starts: []string{"made", "made"}, inputs: []string{"{}", "{}"}, think: "Hmm.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, far := start(t)
			far.Push(fakeai.Script{Raw: []byte(c.stream + end)})
			var starts, inputs []string
			var think string
			report, err := p.Stream(t.Context(), generate.Call{
				Model: "m", MaxTokens: 10, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("Where?")}},
			}, func(piece generate.Piece) error {
				if piece.ToolUse != nil {
					require.Equal(t, "look", piece.ToolUse.Name)
					require.NotEmpty(t, piece.ToolUse.ID)
					starts, inputs = append(starts, piece.ToolUse.ID), append(inputs, "")
				}
				if piece.ToolInput != "" {
					inputs[len(inputs)-1] += piece.ToolInput
				}
				if piece.Thinking != nil {
					think += piece.Thinking.Text
				}
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, generate.ToolCalls, report.StopReason)
			require.Equal(t, c.inputs, inputs)
			require.Equal(t, c.think, think)
			if c.starts[0] != "made" {
				require.Equal(t, c.starts, starts)
			} else {
				require.NotEqual(t, starts[0], starts[1])
			}
		})
	}
}
