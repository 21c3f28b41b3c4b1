package openaicompat_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
)

func TestAnEndpointThatDoesNotCountIsLeftToBeEstimated(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/local.txtar")
	require.NoError(t, err)
	p, far := start(t)
	far.Push(fakeai.Script{Raw: archive.Files[0].Data, WriteSize: 11})
	var text strings.Builder
	report, err := p.Stream(t.Context(), generate.Call{
		Model: "llama", MaxTokens: 10, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("Why tides?")}},
	}, func(piece generate.Piece) error { text.WriteString(piece.Text); return nil })
	require.NoError(t, err)
	require.Equal(t, generate.Report{Accepted: true, StopReason: generate.MaxTokens}, report)
	require.Equal(t, strings.TrimSpace(string(archive.Files[1].Data)), text.String())
}

func TestStrictModeIsAskedForOnlyWhereItIsTaken(t *testing.T) {
	for schema, want := range map[string]bool{
		`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string"}}}`:           true,
		`{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}`:                                        false,
		`{"type":"object","additionalProperties":false,"required":[],"properties":{"a":{"type":"string"}}}`:              false,
		`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"object"}}}`:           false,
		`{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"items":{"type":"object"}}}}`: false,
	} {
		p, far := start(t)
		call := generate.Call{Model: "m", MaxTokens: 100, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("x")}}}
		require.NoError(t, json.Unmarshal([]byte(schema), &call.Schema))
		_, err := p.Stream(t.Context(), call, func(generate.Piece) error { return nil })
		require.NoError(t, err)
		var body struct {
			ResponseFormat struct {
				JSONSchema struct{ Strict bool } `json:"json_schema"`
			} `json:"response_format"`
		}
		require.NoError(t, json.Unmarshal(far.Calls()[0].Body, &body))
		require.Equal(t, want, body.ResponseFormat.JSONSchema.Strict, schema)
	}
}
