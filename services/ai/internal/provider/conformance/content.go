package conformance

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
)

// look is the tool of these tests.
var look = generate.Tool{
	Name: "look", Description: "Looks at a place.",
	InputSchema: json.RawMessage(`{"type":"object","required":["place"],"properties":{"place":{"type":"string"}},"additionalProperties":false}`),
}

// picture stands for an image: nobody here looks at it.
var picture = generate.Image{MediaType: "image/png", Data: []byte{0x89, 'P', 'N', 'G', 0, 255}}

// toolUses collects the pieces of an answer's tools.
type toolUses struct {
	starts []generate.ToolStart
	inputs []string
}

func (u *toolUses) emit(p generate.Piece) error {
	if p.ToolUse != nil {
		u.starts, u.inputs = append(u.starts, *p.ToolUse), append(u.inputs, "")
	}
	if p.ToolInput != "" {
		u.inputs[len(u.inputs)-1] += p.ToolInput
	}
	return nil
}

// forced lets the model no choice, which every provider understands.
func forced(t *testing.T, s Subject) {
	call := ask(s, "Where is it?")
	call.Tools, call.Choice = []generate.Tool{look}, generate.ToolChoice{Mode: generate.ToolNamed, Name: "look"}
	var uses toolUses
	report, err := s.Provider.Stream(t.Context(), call, uses.emit)
	require.NoError(t, err)
	require.Equal(t, generate.ToolCalls, report.StopReason)
	require.Len(t, uses.starts, 1)
	require.Equal(t, "look", uses.starts[0].Name)
	require.NotEmpty(t, uses.starts[0].ID)
	var input struct{ Place *string }
	require.NoError(t, json.Unmarshal([]byte(uses.inputs[0]), &input))
	require.NotNil(t, input.Place)
	require.True(t, report.Final)
	require.Positive(t, report.Tokens.Output)
}

func tools(t *testing.T, s Subject) {
	needFar(t, s)
	s.Far.Push(fakeai.Script{Text: "I look.", ToolUses: []fakeai.ToolUse{
		{ID: "a1", Name: "look", Input: `{"place":"here \"é\""}`}, {ID: "a2", Name: "look", Input: `{"place":"there"}`},
	}})
	call := ask(s, "Where is it?")
	call.Tools, call.Choice = []generate.Tool{look}, generate.ToolChoice{Mode: generate.ToolAuto}
	var uses toolUses
	report, err := s.Provider.Stream(t.Context(), call, uses.emit)
	require.NoError(t, err)
	require.Equal(t, generate.ToolCalls, report.StopReason)
	require.Equal(t, []generate.ToolStart{{ID: "a1", Name: "look"}, {ID: "a2", Name: "look"}}, uses.starts)
	require.Equal(t, []string{`{"place":"here \"é\""}`, `{"place":"there"}`}, uses.inputs)
}

// roundTrip sends back what a conversation with tools and images consists of,
// and looks at what arrived on the wire.
func roundTrip(t *testing.T, s Subject) {
	var seen fakeai.Question
	if s.Far != nil {
		s.Far.Answer(func(q fakeai.Question) fakeai.Script { seen = q; return fakeai.Script{Text: "It is here."} })
	}
	call := ask(s, "")
	call.Tools = []generate.Tool{look}
	call.Messages = []generate.Message{
		{Role: generate.User, Parts: []generate.Part{{Text: "Where is this?"}, {Image: &picture}}},
		{Role: generate.Assistant, Parts: []generate.Part{
			{Text: "I look."}, {ToolUse: &generate.ToolUse{ID: "a1", Name: "look", Input: json.RawMessage(`{"place":"here"}`)}},
		}},
		{Role: generate.User, Parts: []generate.Part{
			{ToolResult: &generate.ToolResult{ToolUseID: "a1", IsError: true, Parts: []generate.Part{{Text: "nothing"}, {Image: &picture}}}},
			{Text: "So?"},
		}},
	}
	text, report, err := collect(t, s, call)
	require.NoError(t, err)
	require.NotEmpty(t, text)
	require.Equal(t, generate.EndTurn, report.StopReason)
	if s.Far == nil {
		return
	}
	require.Equal(t, []string{"look"}, seen.Tools)
	image := fakeai.Image{MediaType: picture.MediaType, Data: picture.Data}
	require.Equal(t, []fakeai.Image{image}, seen.Messages[0].Images)
	require.Equal(t, []fakeai.ToolUse{{ID: "a1", Name: "look", Input: `{"place":"here"}`}}, seen.Messages[1].ToolUses)
	require.Equal(t, "a1", seen.Messages[2].ToolResults[0].ID)
	require.Contains(t, seen.Messages[2].ToolResults[0].Text, "nothing")
	last := seen.Messages[len(seen.Messages)-1]
	require.Equal(t, "So?", last.Text)
	require.Equal(t, []fakeai.Image{image}, append(seen.Messages[2].ToolResults[0].Images, last.Images...), "the tool's image arrives, wherever the format has a place for it")
}
