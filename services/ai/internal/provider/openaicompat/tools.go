package openaicompat

import (
	"crypto/rand"
	"encoding/json"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

	"atrium.internal/services/ai/internal/generate"
)

// function is a tool in the format's words, its schema as it came: the SDK's
// own type would put its keys into another order.
type function struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

func tools(all []generate.Tool) []sdk.ChatCompletionToolUnionParam {
	var out []sdk.ChatCompletionToolUnionParam
	for _, t := range all {
		out = append(out, sdk.ChatCompletionToolUnionParam{OfFunction: &sdk.ChatCompletionFunctionToolParam{
			Function: param.Override[shared.FunctionDefinitionParam](function{t.Name, t.Description, t.InputSchema}),
		}})
	}
	return out
}

func choice(c generate.ToolChoice) (out sdk.ChatCompletionToolChoiceOptionUnionParam) {
	switch c.Mode {
	case generate.ToolAuto, generate.ToolNone:
		out.OfAuto = sdk.String(string(c.Mode))
	case generate.ToolAny:
		out.OfAuto = sdk.String("required")
	case generate.ToolNamed:
		return sdk.ToolChoiceOptionFunctionToolChoice(sdk.ChatCompletionNamedToolChoiceFunctionParam{Name: c.Name})
	}
	return out
}

// calls follows the uses of tools through a stream. Endpoints differ in what
// they repeat in each piece, and in whether they count.
type calls struct {
	id    string
	index int64
	begun bool
}

// pieces gives what a delta adds.
func (c *calls) pieces(deltas []toolCall) (out []generate.Piece) {
	for _, d := range deltas {
		if !c.begun || d.Index != c.index || (d.ID != "" && d.ID != c.id) {
			c.begun, c.index, c.id = true, d.Index, d.ID
			if c.id == "" {
				c.id = "call_" + rand.Text()
			}
			out = append(out, generate.Piece{ToolUse: &generate.ToolStart{ID: c.id, Name: d.Function.Name}})
		}
		if d.Function.Arguments != "" {
			out = append(out, generate.Piece{ToolInput: d.Function.Arguments})
		}
	}
	return out
}
